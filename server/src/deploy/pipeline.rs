//! The steps of a deployment, run in order by whoever holds its lease.
//!
//! A recorded step is not run again. Before the swarm is touched a failure is just that; from
//! then on it means a return to the release before, and the failure is saved first, so that a
//! crash in the middle of the return goes on with the return.

use serde::{Serialize, de::DeserializeOwned};
use tokio_util::sync::CancellationToken;

use super::{
    apply::{self, Applied},
    build::{self, Built},
    fault::Moment,
    fence::Fence,
    fetch::{self, Fetched},
    gate::Pace,
    hidden,
    log::Log,
    parts::Parts,
    plan::{self, Planned},
    protected, publish,
    push::{self, Pushed},
    registry::Keys,
    rollback::rollback,
    run::{Run, Stop},
    shift::{self, Shifted},
    trial, variables,
    verify::{self, Verified},
};
use crate::{
    bus::Hint,
    db,
    domain::{
        app::Wanted,
        deployment::{Cause, Failure, State},
        id::DeploymentId,
        step::Step,
    },
};

/// Runs a deployment to its end, from wherever it stands.
///
/// # Errors
/// [`Stop::Lost`], [`Stop::Waits`] and [`Stop::Retry`]: it has not ended, and somebody goes on. All else is the
/// deployment's own end, and is saved.
pub async fn run(
    parts: &Parts,
    fence: &Fence,
    cancel: &CancellationToken,
    id: DeploymentId,
) -> Result<(), Stop> {
    let mut tx = parts.db.read().await?;
    let Some(deployment) = db::deployment::load(&mut tx, id).await? else { return Ok(()) };
    let Some(app) = db::app::load(&mut tx, deployment.app).await? else { return Ok(()) };
    let recorded = db::step::list(&mut tx, id).await?;
    drop(tx);
    if deployment.state.ended() {
        return Ok(());
    }
    let at = recorded.last().map_or(Step::Fetch, |record| record.step);
    let log = Log::open(parts, id, at);
    // Visitors who are on their way are looked at every few seconds.
    if !recorded.is_empty() && at != Step::Shift {
        log.say(&format!("Going on at {}.", at.name()));
    }
    let mut run =
        Run { parts: parts.clone(), fence: fence.clone(), cancel: cancel.clone(), app, deployment, log };
    if let Ok(mask) = hidden::mask(parts, &run.app, None, &[]).await {
        run.log.mask(mask);
    }
    let ended = match drive(&mut run, &recorded).await {
        // What is told of a job that is given up is this, too.
        Err(Stop::Retry(why)) => Err(Stop::Retry(run.log.masked(&why))),
        ended => ended,
    };
    match &ended {
        Err(Stop::Retry(why)) => run.log.say(&format!("Not now: {why}. It is tried again soon.")),
        // It is looked at every few seconds: said once.
        Err(Stop::Waits(why)) if !fence.again() => run.log.say(&format!("Waits: {why}.")),
        _ => {}
    }
    run.log.flush().await;
    if !matches!(ended, Err(Stop::Lost | Stop::Retry(_) | Stop::Waits(_))) {
        let _ = tokio::fs::remove_dir_all(run.workspace()).await;
    }
    parts.bus.publish(Hint::App { app: run.app.id }).await;
    run.tell().await;
    ended
}

async fn drive(run: &mut Run, recorded: &[db::step::Record]) -> Result<(), Stop> {
    if let Some(failure) = run.deployment.failure.clone() {
        return back(run, failure).await;
    }
    if run.app.wanted == Wanted::Removed || run.deployment.cancel {
        return cancelled(run, recorded).await;
    }
    let stop = match steps(run, recorded).await {
        Ok(()) => return Ok(()),
        Err(stop) => stop,
    };
    match stop {
        Stop::Retry(why) | Stop::Waits(why) if gives_way(run).await => {
            run.log.say(&format!("Not now: {why}. It is not tried again, as a newer deployment waits."));
            let next = run.deployment.clone().supersede(run.parts.clock.now()).map_err(|_| Stop::Lost)?;
            run.save(next).await
        }
        Stop::Lost | Stop::Retry(_) | Stop::Waits(_) => Err(stop),
        Stop::Cancelled => cancelled(run, recorded).await,
        Stop::Superseded => {
            run.log.say("A newer commit serves already.");
            let next = run.deployment.clone().supersede(run.parts.clock.now()).map_err(|_| Stop::Lost)?;
            run.save(next).await
        }
        Stop::Failed(failure) => {
            run.log.say(&format!("Failed: {}", failure.message));
            if touched(run) {
                save_and_return(run, *failure).await
            } else {
                run.fail(State::Failed, *failure).await
            }
        }
    }
}

/// Whether one that could not go on now leaves the way to a newer one of the whole app. Each is given a
/// second try: newer ones that fail at once as well would chase each other.
async fn gives_way(run: &Run) -> bool {
    if touched(run) || !run.fence.again() {
        return false;
    }
    let newer = async {
        let mut tx = run.parts.db.read().await?;
        db::deployment::waiting(&mut tx, run.app.id).await
    };
    let newer = newer.await.ok().flatten();
    newer.is_some_and(|newer| newer.whole() && newer.number > run.deployment.number)
}

/// Whether the swarm may have been changed by this deployment.
const fn touched(run: &Run) -> bool {
    run.deployment.state.touches()
}

async fn cancelled(run: &mut Run, _recorded: &[db::step::Record]) -> Result<(), Stop> {
    // The token also ends when the lease is lost or the server stops: only a person's word counts.
    let mut tx = run.parts.db.read().await?;
    let asked = db::deployment::cancel_asked(&mut tx, run.deployment.id).await?;
    drop(tx);
    if !asked && run.app.wanted != Wanted::Removed {
        return Err(Stop::Lost);
    }
    run.log.say("Cancelled.");
    if touched(run) {
        let step = Step::Apply;
        let message = "somebody cancelled it".to_owned();
        let failure = Failure { step, code: "cancelled".to_owned(), message, log_tail: Vec::new() };
        return save_and_return(run, failure).await;
    }
    let next = run.deployment.clone().cancelled(run.parts.clock.now()).map_err(|_| Stop::Lost)?;
    run.save(next).await
}

async fn save_and_return(run: &mut Run, failure: Failure) -> Result<(), Stop> {
    let mut next = run.deployment.clone();
    let failure = run.masked(failure);
    next.failure = Some(failure.clone());
    run.save(next).await?;
    back(run, failure).await
}

/// The return is not cancelled by what cancelled the deployment; only losing the lease ends it.
async fn back(run: &mut Run, failure: Failure) -> Result<(), Stop> {
    run.cancel = CancellationToken::new();
    rollback(run, failure).await
}

async fn steps(run: &mut Run, recorded: &[db::step::Record]) -> Result<(), Stop> {
    protected::unchanged(run, Step::Fetch).await?;
    let planned = recorded.iter().any(|record| record.step == Step::Plan && record.output.is_some());
    let secrets = if planned || matches!(run.deployment.cause, Cause::Rollback { .. }) {
        Vec::new()
    } else {
        // What a variable refers to and is not there stops it before anything is fetched or built.
        variables::load(run).await?.secrets
    };
    run.hide(&secrets).await?;
    let fetched: Fetched = step(run, recorded, Step::Fetch, async |run| fetch::run(run).await).await?;
    let built: Built = step(run, recorded, Step::Build, async |run| build::run(run, &fetched).await).await?;
    let pushed: Pushed = step(run, recorded, Step::Push, async |run| push::run(run, &built).await).await?;
    let planned: Planned =
        step(run, recorded, Step::Plan, async |run| plan::run(run, &built, &pushed).await).await?;
    protected::unchanged(run, Step::Plan).await?;
    let spec = planned.spec(&run.parts)?;
    let keys = Keys::load(&run.parts, &run.app).await?;
    let deadline = skep_stack::app::deadline(&run.app.settings);
    let pace = Pace::Waits(deadline);
    let tried = &planned.trial;
    // What runs first: the new version, or a trial of it beside what serves.
    let first = if tried.is_empty() { spec.clone() } else { trial::beside(run, &spec, tried).await? };
    let _: Applied = step(run, recorded, Step::Apply, async |run| {
        apply::apply(run, &first, &keys, pace, &planned.part).await
    })
    .await?;
    let mut proven = first.clone();
    // Services that were left as they are are nobody's proof, nor anybody's failure.
    proven.services.retain(|name, _| planned.part.is_empty() || planned.part.contains(name));
    let _: Verified =
        step(run, recorded, Step::Verify, async |run| verify::verify(run, &proven, deadline).await).await?;
    if !tried.is_empty() {
        let _: Shifted =
            step(run, recorded, Step::Shift, async |run| shift::shift(run, &first, tried).await).await?;
        let both = skep_stack::trial::until_replaced(&spec, tried);
        let _: Verified = step(run, recorded, Step::Replace, async |run| {
            apply::apply(run, &both, &keys, pace, &planned.part).await?;
            verify::verify(run, &both, deadline).await
        })
        .await?;
    }
    // The last moment at which a person's word still counts.
    if run.cancel.is_cancelled() {
        return Err(Stop::Cancelled);
    }
    run.enter(Step::Publish).await?;
    run.fence.hold().await?;
    if run.parts.fault.dies(Step::Publish, Moment::Entered) {
        return Err(Stop::Lost);
    }
    publish::run(run, &spec).await?;
    if !tried.is_empty() && trial::remove(&run.parts, &spec.name).await.is_err() {
        run.log.say("The trial could not be ended now; it is soon.");
    }
    let _ = run.parts.fault.dies(Step::Publish, Moment::Worked);
    Ok(())
}

/// Runs one step, unless it is recorded, and records what it gives before anything else happens.
async fn step<T, F>(run: &mut Run, recorded: &[db::step::Record], step: Step, work: F) -> Result<T, Stop>
where
    T: Serialize + DeserializeOwned,
    F: AsyncFnOnce(&mut Run) -> Result<T, Stop>,
{
    let done = recorded.iter().find(|record| record.step == step).and_then(|record| record.output.as_ref());
    if let Some(output) = done {
        return serde_json::from_value(output.0.clone()).map_err(|e| {
            Stop::failed(step, "internal", format!("the record of step {} cannot be read: {e}", step.name()))
        });
    }
    if run.cancel.is_cancelled() {
        return Err(Stop::Cancelled);
    }
    run.enter(step).await?;
    run.fence.hold().await?;
    if run.parts.fault.dies(step, Moment::Entered) {
        return Err(Stop::Lost);
    }
    let value = work(run).await?;
    if run.parts.fault.dies(step, Moment::Worked) {
        return Err(Stop::Lost);
    }
    let output = serde_json::to_value(&value).map_err(|e| {
        Stop::failed(step, "internal", format!("step {} cannot be recorded: {e}", step.name()))
    })?;
    let mut tx = run.parts.db.write().await?;
    db::step::finish(&mut tx, run.deployment.id, step, &output, run.parts.clock.now()).await?;
    tx.commit().await?;
    Ok(value)
}
