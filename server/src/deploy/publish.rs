//! Publish: the routes lead to it, the release is recorded, the one before is retired. One
//! transaction, so that there is never more than one live deployment of an app, nor none.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use skep_stack::{spec::StackSpec, volumes};

use super::{
    addresses::addresses,
    run::{Run, Stop},
    status,
};
use crate::{
    bus::Hint,
    db,
    domain::{
        id::{AppId, ReleaseId},
        release::Release,
        step::Step,
    },
    swarm::Task,
};

/// What the step gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// The release.
    pub release: ReleaseId,
}

/// Runs the step; at its end the deployment is live.
///
/// # Errors
/// See [`Stop`].
pub async fn run(run: &mut Run, spec: &StackSpec) -> Result<Published, Stop> {
    let tasks = run.parts.engine.tasks(&spec.name).await.map_err(|e| Stop::engine(Step::Publish, &e))?;
    let addresses = addresses(&tasks).at;
    let now = run.parts.clock.now();
    let json =
        serde_json::to_vec(spec).map_err(|e| Stop::failed(Step::Publish, "internal", e.to_string()))?;
    let release = Release {
        id: ReleaseId::new(&*run.parts.clock),
        app: run.app.id,
        deployment: run.deployment.id,
        number: run.deployment.number,
        commit: run.deployment.commit.clone(),
        images: images(spec),
        sealed_spec: run.parts.seal.seal(&*run.parts.clock, "release", &json),
        created_at: now,
        retired_at: None,
    };
    let mut next = run.deployment.clone().live(now).map_err(|_| Stop::Lost)?;
    let with_volume = |task: &&Task| {
        spec.services.get(&task.service_name).is_some_and(|service| volumes::of(service).next().is_some())
    };
    let mut running = tasks.iter().filter(|task| task.state == "running").filter(with_volume);
    let node = running.find_map(|task| task.node.clone());

    let mut tx = run.parts.db.write().await?;
    let before = db::deployment::living(&mut tx, run.app.id).await?;
    if !next.whole() {
        // What changed of the other services still waits for a deployment.
        next.generation = before.as_ref().map_or(0, |before| before.generation);
        db::deployment::of_generation(&mut tx, next.id, next.generation).await?;
    }
    if let Some(before) = before {
        let retired = before.clone().retire(now).map_err(|_| Stop::Lost)?;
        db::deployment::save(&mut tx, before.state, &retired).await?;
    }
    if !db::deployment::save(&mut tx, run.deployment.state, &next).await? {
        return Err(Stop::Lost);
    }
    status::note(&mut tx, &run.parts, &run.app, run.deployment.state, &next).await?;
    db::release::insert(&mut tx, &release).await?;
    db::release::retire_others(&mut tx, run.app.id, release.id, now).await?;
    db::release::prune(&mut tx, run.app.id, run.parts.instance.keep_releases).await?;
    // The trial is not led to any more: what it was a trial of serves in the same moment.
    db::shift::remove(&mut tx, run.app.id).await?;
    if !addresses.is_empty() {
        db::domain_name::publish(&mut tx, run.app.id, &addresses).await?;
    }
    if let (false, Some(node)) = (spec.volumes.is_empty(), node) {
        db::app::pin(&mut tx, run.app.id, &node).await?;
    }
    let output = serde_json::json!({ "release": release.id });
    db::step::finish(&mut tx, run.deployment.id, Step::Publish, &output, now).await?;
    tx.commit().await?;

    run.deployment = next;
    run.parts.bus.publish(Hint::Edge).await;
    run.tell().await;
    tell_app(run, run.app.id).await;
    Ok(Published { release: release.id })
}

async fn tell_app(run: &Run, app: AppId) {
    run.parts.bus.publish(Hint::App { app }).await;
}

fn images(spec: &StackSpec) -> BTreeMap<String, String> {
    let image = |service: &skep_stack::models::ServiceSpec| {
        service.task_template.as_ref()?.container_spec.as_ref()?.image.clone()
    };
    spec.services.iter().filter_map(|(name, service)| Some((name.clone(), image(service)?))).collect()
}
