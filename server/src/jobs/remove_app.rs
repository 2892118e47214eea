//! Removes an app and everything that is its own; its volumes only when asked.

use std::{collections::HashMap, time::Duration};

use skep_stack::{labels, plan::Action};

use crate::{
    bus::Hint,
    db,
    deploy::{fence::Fence, parts::Parts, run::Stop},
    domain::{app::App, id::AppId, step::Step, variable::Scope},
};

/// How often removal of what is still in use is tried before the job is given back.
const ROUNDS: u32 = 60;

/// Removes what bears the app's label, and nothing that others made beside it: services, configs, secrets, networks, images, volumes if asked, and last the rows.
///
/// # Errors
/// [`Stop::Retry`] while the engine does not answer or tasks are still stopping.
pub(super) async fn run(parts: &Parts, fence: &Fence, id: AppId, volumes: bool) -> Result<(), Stop> {
    let mut tx = parts.db.read().await?;
    let Some(app) = db::app::load(&mut tx, id).await? else { return Ok(()) };
    drop(tx);
    let engine = |e: crate::swarm::EngineError| Stop::engine(Step::Apply, &e);
    let observed = parts.engine.observe(&app.stack).await.map_err(engine)?;
    let ours = |labels: Option<&HashMap<String, String>>| is_of(id, labels);
    let services = observed.services.into_iter();
    for (name, service) in services.filter(|(_, s)| ours(s.spec.as_ref().and_then(|s| s.labels.as_ref()))) {
        fence.hold().await?;
        parts
            .engine
            .perform(&Action::RemoveService { name, id: service.id.unwrap_or_default() }, None)
            .await
            .map_err(engine)?;
    }
    // Swarm refuses to remove what a stopping task still uses: wait for the tasks to go.
    for round in 0.. {
        let left: Vec<Action> = leftovers(parts, &app).await.map_err(engine)?;
        let mut refused = None;
        for action in &left {
            if let Err(error) = parts.engine.perform(action, None).await {
                refused = Some(error.to_string());
            }
        }
        match refused {
            None => break,
            Some(why) if round >= ROUNDS => return Err(Stop::Retry(why)),
            Some(_) => {
                fence.hold().await?;
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
    }
    if volumes {
        for mount in &app.settings.mounts {
            if let skep_stack::app::Mount::Volume { name, .. } = mount {
                parts.engine.remove_volume(&format!("{}_{name}", app.stack)).await.map_err(engine)?;
            }
        }
    }
    for (image, owner) in parts.engine.images_labelled(skep_stack::labels::APP).await.map_err(engine)? {
        if owner == id.to_string() {
            let _ = parts.engine.remove_image(&image).await;
        }
    }
    let mut tx = parts.db.write().await?;
    db::variable::clear(&mut tx, Scope::App(id)).await?;
    db::app::remove(&mut tx, id).await?;
    tx.commit().await?;
    parts.bus.publish(Hint::Edge).await;
    Ok(())
}

async fn leftovers(parts: &Parts, app: &App) -> Result<Vec<Action>, crate::swarm::EngineError> {
    let observed = parts.engine.observe(&app.stack).await?;
    let ours = |labels: Option<&HashMap<String, String>>| is_of(app.id, labels);
    let configs = observed.configs.into_iter();
    let configs = configs.filter(|(_, config)| ours(config.spec.as_ref().and_then(|s| s.labels.as_ref())));
    let configs =
        configs.map(|(name, config)| Action::RemoveConfig { name, id: config.id.unwrap_or_default() });
    let secrets = observed.secrets.into_iter();
    let secrets = secrets.filter(|(_, secret)| ours(secret.spec.as_ref().and_then(|s| s.labels.as_ref())));
    let secrets =
        secrets.map(|(name, secret)| Action::RemoveSecret { name, id: secret.id.unwrap_or_default() });
    let networks = observed.networks.into_iter();
    let networks = networks.filter(|(_, network)| ours(network.labels.as_ref()));
    let networks =
        networks.map(|(name, network)| Action::RemoveNetwork { name, id: network.id.unwrap_or_default() });
    Ok(configs.chain(secrets).chain(networks).collect())
}

/// Whether an object is this app's by its label.
fn is_of(app: AppId, labels: Option<&HashMap<String, String>>) -> bool {
    labels.and_then(|labels| labels.get(labels::APP)).is_some_and(|owner| *owner == app.to_string())
}
