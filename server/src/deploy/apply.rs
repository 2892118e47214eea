//! Apply: bring the swarm to the wanted spec, one call at a time.
//!
//! Nothing is believed from before: each round looks at the swarm again and plans again, so that
//! a repeat after a crash does only what is left, and what is done is not done twice. Each action
//! waits for its turn (`gate`), and before each call the lease is renewed; a service that a newer
//! deployment wrote is never written over.

use std::{collections::BTreeSet, time::Duration};

use serde::{Deserialize, Serialize};
use skep_stack::{
    labels,
    models::{Service, ServiceSpec},
    observed::Observed,
    plan::Action,
    replicas::is_job,
    spec::StackSpec,
};
use tokio::time::Instant;

use super::{
    gate::{Gate, Pace},
    plan::actions,
    registry::Keys,
    run::{Run, Stop},
    standing::{Seen, Standing, stand},
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

/// Brings the swarm to `spec`; these services alone, unless there are none.
///
/// # Errors
/// See [`Stop`].
pub async fn apply(
    run: &Run,
    spec: &StackSpec,
    keys: &Keys,
    pace: Pace,
    only: &BTreeSet<String>,
) -> Result<Applied, Stop> {
    let step = Step::Apply;
    let mut deadline = Instant::now() + PATIENCE;
    let mut changes = 0;
    let mut pause = Duration::from_millis(200);
    let mut fewest = usize::MAX;
    loop {
        let mut left = usize::MAX;
        let ended = round(run, spec, keys, pace, only, (&mut changes, &mut left)).await;
        // Only what comes nearer to the end is worth more patience: it may go round in circles.
        if left < fewest {
            (fewest, deadline) = (left, Instant::now() + PATIENCE);
        }
        match ended {
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

async fn round(
    run: &Run,
    spec: &StackSpec,
    keys: &Keys,
    pace: Pace,
    only: &BTreeSet<String>,
    (changes, left_over): (&mut u32, &mut usize),
) -> Result<(), Stop> {
    let engine = &run.parts.engine;
    let transient = |error: EngineError| Stop::engine(Step::Apply, &error);
    for network in spec.external_networks() {
        engine.ensure_network(&network, true, &[]).await.map_err(transient)?;
    }
    let observed = engine.observe(&spec.name).await.map_err(transient)?;
    newest(run, &observed).await?;
    let mut left = actions(spec, &observed, only).actions;
    if spec.services.values().any(is_job) {
        let tasks = engine.tasks(&spec.name).await.map_err(transient)?;
        let again = again(spec, &Seen { observed, tasks }, run.deployment.number, &left);
        let ours = |action: &Action| only.is_empty() || only.contains(action.name());
        left.splice(0..0, again.into_iter().filter(ours));
    }
    let mut gate = Gate::new(run, spec, pace);
    while !left.is_empty() {
        *left_over = left.len();
        let action = left.remove(gate.next(&left).await?);
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

/// Jobs that failed in an earlier deployment and are as they are wanted: they run again, once. What
/// this deployment wrote carries its number, also after a crash.
fn again(spec: &StackSpec, seen: &Seen, number: i64, planned: &[Action]) -> Vec<Action> {
    let jobs = spec.services.iter().filter(|(_, wanted)| is_job(wanted));
    let failed = jobs.filter(|(name, _)| {
        planned.iter().all(|action| action.name() != *name)
            && matches!(stand(name, spec, seen, Duration::ZERO), Standing::Broken(..))
    });
    let run = |(name, wanted): (&String, &ServiceSpec)| {
        let service = seen.observed.services.get(name)?;
        let running = service.spec.as_ref()?;
        if written_by(running) == Some(number) {
            return None;
        }
        let mut body = wanted.clone();
        let task = body.task_template.get_or_insert_default();
        let force = running.task_template.as_ref().and_then(|task| task.force_update).unwrap_or(0);
        task.force_update = Some(force + 1);
        Some(Action::UpdateService {
            name: name.clone(),
            id: service.id.clone()?,
            version: service.version.as_ref()?.index?,
            body: Box::new(body),
            changes: Vec::new(),
            restarts: true,
        })
    };
    failed.filter_map(run).collect()
}

/// The number of the deployment that last wrote a service.
fn written_by(service: &ServiceSpec) -> Option<i64> {
    service.labels.as_ref()?.get(labels::DEPLOYMENT)?.parse().ok()
}

/// Refuses to write over what a newer deployment wrote: whoever runs that has the lease, or else the
/// number is of a database that is not ours.
async fn newest(run: &Run, observed: &Observed) -> Result<(), Stop> {
    let number = |name: &String, service: &Service| Some((written_by(service.spec.as_ref()?)?, name.clone()));
    let written = observed.services.iter().filter_map(|(name, service)| number(name, service)).max();
    let Some((newer, name)) = written.filter(|(newer, _)| *newer > run.deployment.number) else {
        return Ok(());
    };
    run.fence.hold().await?;
    let message = format!(
        "service {name} was written by deployment {newer}, of which this server knows nothing: was its database restored? If what runs may be written over, take the label away: `docker service update --label-rm {} {name}`",
        labels::DEPLOYMENT
    );
    Err(Stop::failed(Step::Apply, "newer_writer", message))
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
