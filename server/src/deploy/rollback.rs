//! The return to what served before, after a failure or a cancel that came too late to leave the
//! swarm untouched. The failure was saved first, so that a crash in here goes on in here.

use std::{collections::BTreeSet, time::Duration};

use skep_stack::{
    labels,
    plan::{Action, collect},
    replicas::is_job,
};

use super::{
    apply::apply,
    gate::Pace,
    plan::{numbered, of_release},
    registry::Keys,
    run::{Run, Stop},
    trial,
    verify::verify,
};
use crate::{
    db,
    domain::{
        deployment::{Failure, State},
        step::Step,
    },
};

/// How long the version before may take to be proven again: it ran here already.
const DEADLINE: Duration = Duration::from_secs(300);

/// Returns to the release before, proves it, and ends the deployment truthfully.
///
/// # Errors
/// [`Stop::Lost`] and [`Stop::Retry`]; all else ends the deployment.
pub async fn rollback(run: &mut Run, failure: Failure) -> Result<(), Stop> {
    let cancelled = failure.code == "cancelled";
    let mut tx = run.parts.db.read().await?;
    let before = db::release::current(&mut tx, run.app.id).await?;
    drop(tx);
    // First of all nobody is led to what failed; what serves has run all the time.
    trial::end(&run.parts, run.app.id, &run.app.stack).await?;
    let Some(before) = before else { return withdraw(run, failure, cancelled).await };
    run.log.say(&format!("Returning to release {}", before.number));
    let spec = match of_release(&run.parts, &before).await {
        Ok(spec) => numbered(spec, run.deployment.number),
        Err(stop) => return incomplete(run, failure, &stop).await,
    };
    // A credential that is gone by now is no reason to leave what is broken: the swarm keeps those
    // that its services were made with.
    let keys = Keys::load(&run.parts, &run.app).await.unwrap_or_default();
    if let Err(stop) = apply(run, &spec, &keys, Pace::AtOnce, &BTreeSet::new()).await {
        return incomplete(run, failure, &stop).await;
    }
    // Its jobs ran well once: how they end now, on newer data, is no measure of what serves.
    let mut serving = spec;
    serving.services.retain(|_, service| !is_job(service));
    if let Err(stop) = verify(run, &serving, DEADLINE).await {
        return incomplete(run, failure, &stop).await;
    }
    run.log.say(&format!("Release {} serves, proven healthy.", before.number));
    if cancelled {
        let next = run.deployment.clone().cancelled(run.parts.clock.now()).map_err(|_| Stop::Lost)?;
        return run.save(next).await;
    }
    run.fail(State::RolledBack, failure).await
}

/// There is nothing to return to: what was started is taken away, but networks and volumes.
async fn withdraw(run: &mut Run, failure: Failure, cancelled: bool) -> Result<(), Stop> {
    let engine = &run.parts.engine;
    let observed = engine.observe(&run.app.stack).await.map_err(|e| Stop::engine(Step::Apply, &e))?;
    for (name, service) in &observed.services {
        let labels = service.spec.as_ref().and_then(|spec| spec.labels.as_ref());
        let owner = labels.and_then(|labels| labels.get(labels::APP));
        if owner.is_none_or(|owner| *owner != run.app.id.to_string()) {
            continue;
        }
        run.fence.hold().await?;
        run.log.say(&format!("remove service {name}: it was never live"));
        let action = Action::RemoveService { name: name.clone(), id: service.id.clone().unwrap_or_default() };
        engine.perform(&action, None).await.map_err(|e| Stop::engine(Step::Apply, &e))?;
    }
    let observed = engine.observe(&run.app.stack).await.map_err(|e| Stop::engine(Step::Apply, &e))?;
    for action in collect(&observed, &[]) {
        // A config of a task that is still stopping is refused; the janitor comes again.
        let _ = engine.perform(&action, None).await;
    }
    if cancelled {
        let next = run.deployment.clone().cancelled(run.parts.clock.now()).map_err(|_| Stop::Lost)?;
        return run.save(next).await;
    }
    run.fail(State::Failed, failure).await
}

async fn incomplete(run: &mut Run, mut failure: Failure, stop: &Stop) -> Result<(), Stop> {
    if matches!(stop, Stop::Lost | Stop::Retry(_)) {
        return Err(match stop {
            Stop::Retry(why) => Stop::Retry(why.clone()),
            _ => Stop::Lost,
        });
    }
    failure.message = format!("{}. The return to the release before was not proven: {stop}", failure.message);
    run.log.say(&format!("The return was not proven: {stop}"));
    run.fail(State::RollbackIncomplete, failure).await
}
