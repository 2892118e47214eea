//! Stop, start, restart, scale: what serves, with another number of tasks or with new ones.

use skep_stack::{
    plan::{Action, marked, plan},
    replicas::is_job,
    spec::StackSpec,
    text,
};

use super::{fence::Fence, own_nodes, parts::Parts, plan::of_release, run::Stop};
use crate::{
    db,
    domain::{id::AppId, job::Claim, step::Step},
};

/// Which tasks are replaced by new ones.
#[derive(Debug, Clone, Copy)]
pub enum Again<'a> {
    /// None but those that differ.
    No,
    /// All.
    All,
    /// Those of one service of a Compose file.
    One(&'a str),
}

impl Again<'_> {
    fn takes(self, spec: &StackSpec, name: &str) -> bool {
        match self {
            Self::No => false,
            Self::All => true,
            Self::One(service) => text::short(&spec.name, name) == Some(service),
        }
    }
}

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
    again: Again<'_>,
) -> Result<(), Stop> {
    let mut tx = parts.db.read().await?;
    let Some(release) = db::release::current(&mut tx, id).await? else { return Ok(()) };
    let app = db::app::load(&mut tx, id).await?;
    drop(tx);
    let mut spec = of_release(parts, &release).await?;
    if let Some(app) = app {
        let mut today = spec.clone();
        match own_nodes::today(parts, &mut today, app.environment).await {
            Ok(()) => spec = today,
            // Its data is elsewhere: it runs on as it is, and the next deployment says why.
            Err(Stop::Failed(_)) => {}
            Err(stop) => return Err(stop),
        }
    }
    parts
        .engine
        .ensure_network(super::desire::EDGE, true, &[])
        .await
        .map_err(|e| Stop::engine(Step::Apply, &e))?;
    let observed = parts.engine.observe(&spec.name).await.map_err(|e| Stop::engine(Step::Apply, &e))?;
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
    match again {
        Again::No => Ok(()),
        Again::All | Again::One(_) => restart(parts, fence, asked_at(claim), &spec, again).await,
    }
}

/// Replaces the tasks of services by new ones, those of jobs aside: what a job did is done.
async fn restart(
    parts: &Parts,
    fence: &Fence,
    mark: u64,
    spec: &StackSpec,
    which: Again<'_>,
) -> Result<(), Stop> {
    let observed = parts.engine.observe(&spec.name).await.map_err(|e| Stop::engine(Step::Apply, &e))?;
    // Our own spec is sent, not the one that was read: reading loses the health check.
    for (name, mut body) in marked(spec).into_owned().services {
        let Some(service) = observed.services.get(&name) else { continue };
        let forced = service.spec.as_ref().and_then(|spec| spec.task_template.as_ref()?.force_update);
        let Some(version) = service.version.as_ref().and_then(|v| v.index) else { continue };
        if forced.unwrap_or(0) >= mark || is_job(&body) || !which.takes(spec, &name) {
            continue;
        }
        body.task_template.get_or_insert_default().force_update = Some(mark);
        let action = Action::UpdateService {
            name,
            id: service.id.clone().unwrap_or_default(),
            version,
            body: Box::new(body),
            changes: Vec::new(),
            restarts: true,
        };
        fence.hold().await?;
        parts.engine.perform(&action, None).await.map_err(|e| Stop::engine(Step::Apply, &e))?;
    }
    Ok(())
}

/// Seconds since 1970 at which the job was made, from its id: grows with each restart asked for,
/// and is the same when the job is repeated.
fn asked_at(claim: &Claim) -> u64 {
    claim.id.uuid().get_timestamp().map_or(0, |time| time.to_unix().0)
}
