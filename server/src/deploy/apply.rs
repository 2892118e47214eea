//! Apply: bring the swarm to the wanted spec, one call at a time.
//!
//! Nothing is believed from before: each round looks at the swarm again and plans again, so that
//! a repeat after a crash does only what is left, and what is done is not done twice. Before each
//! call the lease is renewed; a service that a newer deployment wrote is never written over.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use skep_stack::{
    labels,
    observed::Observed,
    plan::{Action, plan},
    spec::StackSpec,
};
use tokio::time::Instant;

use super::{
    registry::Keys,
    run::{Run, Stop},
};
use crate::{domain::step::Step, swarm::EngineError};

/// How long an engine that does not answer is waited for.
const PATIENCE: Duration = Duration::from_secs(600);

/// What the step gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Calls that changed something.
    pub changes: u32,
}

/// Brings the swarm to `spec`.
///
/// # Errors
/// See [`Stop`].
pub async fn apply(run: &Run, spec: &StackSpec, keys: &Keys, step: Step) -> Result<Applied, Stop> {
    let deadline = Instant::now() + PATIENCE;
    let mut changes = 0;
    let mut pause = Duration::from_millis(200);
    loop {
        match round(run, spec, keys, step, &mut changes).await {
            Ok(()) => return Ok(Applied { changes }),
            Err(Stop::Retry(why)) if Instant::now() < deadline => {
                run.log.say(&format!("Waiting: {why}"));
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = run.cancel.cancelled() => return Err(Stop::Cancelled),
                }
                pause = (pause * 2).min(Duration::from_secs(5));
            }
            Err(Stop::Retry(why)) => return Err(Stop::failed(step, "cluster_unavailable", why)),
            Err(stop) => return Err(stop),
        }
    }
}

async fn round(run: &Run, spec: &StackSpec, keys: &Keys, step: Step, changes: &mut u32) -> Result<(), Stop> {
    let engine = &run.parts.engine;
    let transient = |error: EngineError| Stop::engine(step, &error);
    for network in spec.external_networks() {
        engine.ensure_network(&network, true, &[]).await.map_err(transient)?;
    }
    let observed = engine.observe(&spec.name).await.map_err(transient)?;
    newest(&observed, run.deployment.number)?;
    for action in plan(spec, &observed).actions {
        if run.cancel.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        run.fence.hold().await?;
        tell(run, &action);
        engine.perform(&action, image(&action).and_then(|image| keys.of(image))).await.map_err(transient)?;
        *changes += 1;
    }
    Ok(())
}

/// Refuses to write over what a newer deployment wrote.
fn newest(observed: &Observed, number: i64) -> Result<(), Stop> {
    let written = observed.services.values().filter_map(|service| {
        service.spec.as_ref()?.labels.as_ref()?.get(labels::DEPLOYMENT)?.parse::<i64>().ok()
    });
    if written.max().is_some_and(|newer| newer > number) { Err(Stop::Lost) } else { Ok(()) }
}

/// The image that the swarm's nodes will pull because of it.
fn image(action: &Action) -> Option<&str> {
    let (Action::CreateService { body, .. } | Action::UpdateService { body, .. }) = action else {
        return None;
    };
    body.task_template.as_ref()?.container_spec.as_ref()?.image.as_deref()
}

fn tell(run: &Run, action: &Action) {
    run.log.say(&format!("Done: {} {}", action.kind().replace('_', " "), action.name()));
}
