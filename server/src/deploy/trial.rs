//! A new version beside the old one (`skep_stack::trial`): what runs meanwhile, and its end.

use std::collections::BTreeSet;

use skep_stack::{
    app::strategy::{self, Strategy},
    labels,
    plan::Action,
    spec::StackSpec,
    trial,
};

use super::{
    desire::refused,
    parts::Parts,
    plan::{numbered, of_release},
    run::{Run, Stop},
};
use crate::{
    bus::Hint,
    db,
    domain::{deployment::Cause, id::AppId, step::Step},
    swarm::EngineError,
};

/// The services that a deployment of `spec` tries beside what serves; none: it is rolled out in their
/// place. A return is never tried: what it returns to has served before.
///
/// # Errors
/// One of them cannot run in two versions at once; engine or database do not answer.
pub async fn services(
    run: &Run,
    spec: &StackSpec,
    only: &BTreeSet<String>,
) -> Result<BTreeSet<String>, Stop> {
    let strategy = strategy_of(run);
    let faults = strategy::faults(&strategy);
    if !faults.is_empty() {
        return Err(refused(Step::Plan, &faults));
    }
    if !strategy.beside() || !only.is_empty() || matches!(run.deployment.cause, Cause::Rollback { .. }) {
        return Ok(BTreeSet::new());
    }
    let Some(serving) = serving(run).await? else { return Ok(BTreeSet::new()) };
    let observed = run.parts.engine.observe(&spec.name).await.map_err(|e| Stop::engine(Step::Plan, &e))?;
    let plan = skep_stack::plan::plan(spec, &observed);
    trial::services(spec, &serving, &plan).map_err(|faults| refused(Step::Plan, &faults))
}

/// How visitors come to the new version.
pub fn strategy_of(run: &Run) -> Strategy {
    run.app.settings.update.strategy.clone().unwrap_or_default()
}

/// What runs while the trials do, beside what serves.
///
/// # Errors
/// What serves cannot be read, or is gone.
pub async fn beside(run: &Run, spec: &StackSpec, services: &BTreeSet<String>) -> Result<StackSpec, Stop> {
    let serving = serving(run)
        .await?
        .ok_or_else(|| Stop::failed(Step::Apply, "release_gone", "what served is gone; deploy once more"))?;
    Ok(trial::beside(serving, spec, services))
}

/// What serves, as it runs.
async fn serving(run: &Run) -> Result<Option<StackSpec>, Stop> {
    let mut tx = run.parts.db.read().await?;
    let release = db::release::current(&mut tx, run.app.id).await?;
    drop(tx);
    match release {
        // The number is not of the fence: whoever wrote it last may write it again.
        Some(release) => Ok(Some(numbered(of_release(&run.parts, &release).await?, run.deployment.number))),
        None => Ok(None),
    }
}

/// Visitors are led to what serves again, all at once; the trials end after them.
///
/// # Errors
/// Engine or database do not answer.
pub async fn end(parts: &Parts, app: AppId, stack: &str) -> Result<(), Stop> {
    let mut tx = parts.db.write().await?;
    db::shift::remove(&mut tx, app).await?;
    tx.commit().await?;
    parts.bus.publish(Hint::Edge).await;
    remove(parts, stack).await.map_err(|error| Stop::engine(Step::Replace, &error))
}

/// Ends the trials of a stack, to which nobody is led any more. Their tasks are held
/// (`skep_stack::drain`) until the edge has learnt of it.
///
/// # Errors
/// The engine's.
pub async fn remove(parts: &Parts, stack: &str) -> Result<(), EngineError> {
    let observed = parts.engine.observe(stack).await?;
    for (name, service) in &observed.services {
        let labels = service.spec.as_ref().and_then(|spec| spec.labels.as_ref());
        if labels.is_some_and(|labels| labels.contains_key(labels::TRIAL) && labels.contains_key(labels::APP))
        {
            let action =
                Action::RemoveService { name: name.clone(), id: service.id.clone().unwrap_or_default() };
            parts.engine.perform(&action, None).await?;
        }
    }
    Ok(())
}
