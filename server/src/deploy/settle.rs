//! Stop, start, restart, scale: what serves, with another number of tasks or with new ones.

use skep_stack::{
    plan::{Action, marked, plan},
    spec::StackSpec,
};

use super::{fence::Fence, parts::Parts, plan::of_release, run::Stop, standing::is_job};
use crate::{
    db,
    domain::{
        app::{App, Wanted},
        id::AppId,
        job::Claim,
        step::Step,
    },
};

/// Brings what serves to the app's wanted state. Repeating changes nothing: a restart is counted
/// by the time at which it was asked for.
///
/// # Errors
/// [`Stop::Retry`] while the engine does not answer; [`Stop::Lost`].
pub async fn settle(
    parts: &Parts,
    fence: &Fence,
    claim: &Claim,
    id: AppId,
    restart: bool,
) -> Result<(), Stop> {
    let mut tx = parts.db.read().await?;
    let Some(app) = db::app::load(&mut tx, id).await? else { return Ok(()) };
    let Some(release) = db::release::current(&mut tx, id).await? else { return Ok(()) };
    drop(tx);
    let mut spec = of_release(parts, &release).await?;
    parts
        .engine
        .ensure_network(super::desire::EDGE, true, &[])
        .await
        .map_err(|e| Stop::engine(Step::Apply, &e))?;
    replicate(&app, &mut spec);
    let mut observed = parts.engine.observe(&spec.name).await.map_err(|e| Stop::engine(Step::Apply, &e))?;
    for service in spec.services.values_mut() {
        // The running number of the last writer stays: this is no deployment.
        let name = service.name.clone().unwrap_or_default();
        let running = observed.services.get(&name).and_then(|s| s.spec.as_ref()?.labels.clone());
        let number = running.and_then(|running| running.get(skep_stack::labels::DEPLOYMENT).cloned());
        if let (Some(labels), Some(number)) = (&mut service.labels, number) {
            labels.insert(skep_stack::labels::DEPLOYMENT.to_owned(), number);
        }
    }
    for action in plan(&spec, &observed).actions {
        fence.hold().await?;
        parts.engine.perform(&action, None).await.map_err(|e| Stop::engine(Step::Apply, &e))?;
    }
    if restart {
        observed = parts.engine.observe(&spec.name).await.map_err(|e| Stop::engine(Step::Apply, &e))?;
        let mark = asked_at(claim);
        let spec = marked(&spec);
        for (name, service) in observed.services {
            let forced = service.spec.as_ref().and_then(|spec| spec.task_template.as_ref()?.force_update);
            // Our own spec is sent, not the one that was read: reading loses the health check. What a
            // job did is done.
            let body = spec.services.get(&name).filter(|body| forced.unwrap_or(0) < mark && !is_job(body));
            let body = body.cloned();
            let (Some(mut body), Some(version)) = (body, service.version.and_then(|v| v.index)) else {
                continue;
            };
            body.task_template.get_or_insert_default().force_update = Some(mark);
            let action = Action::UpdateService {
                name,
                id: service.id.unwrap_or_default(),
                version,
                body: Box::new(body),
                changes: Vec::new(),
                restarts: true,
            };
            fence.hold().await?;
            parts.engine.perform(&action, None).await.map_err(|e| Stop::engine(Step::Apply, &e))?;
        }
    }
    Ok(())
}

fn replicate(app: &App, spec: &mut StackSpec) {
    for service in spec.services.values_mut() {
        let Some(replicated) = service.mode.as_mut().and_then(|mode| mode.replicated.as_mut()) else {
            continue;
        };
        match app.wanted {
            Wanted::Stopped | Wanted::Removed => replicated.replicas = Some(0),
            Wanted::Running => {
                if let Some(replicas) = app.settings.replicas {
                    replicated.replicas = i64::try_from(replicas).ok();
                } else if replicated.replicas == Some(0) {
                    replicated.replicas = Some(1);
                }
            }
        }
    }
}

/// Seconds since 1970 at which the job was made, from its id: grows with each restart asked for,
/// and is the same when the job is repeated.
fn asked_at(claim: &Claim) -> u64 {
    claim.id.uuid().get_timestamp().map_or(0, |time| time.to_unix().0)
}
