//! Shift: lead visitors over to the trial, by the app's strategy.
//!
//! Nothing waits in here: where the visitors are is a row, and a job that is due again soon looks at
//! it, so that a day's pause costs no worker and a server that dies in it costs nothing at all. What
//! is looked at each time: whether the trial is still healthy, and whether it answers as it should.
//! Cancelling leads all of them back at once, as long as the old version is there.

use serde::{Deserialize, Serialize};
use skep_stack::{spec::StackSpec, trial};

use super::{
    judge::judge,
    run::{Run, Stop},
    standing::{Seen, Standing, stand},
    trial::strategy_of,
};
use crate::{
    bus::Hint,
    db,
    domain::{
        shift::{Next, Shift},
        step::Step,
    },
};

/// What the step gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shifted {
    /// Steps that were taken.
    pub positions: usize,
}

/// Looks once at the trials of `services` in `spec`, which is what runs now, and takes the next step
/// if it is due.
///
/// # Errors
/// [`Stop::Waits`] as long as visitors are on their way; the trial's failure; nobody said a word in
/// time; see [`Stop`].
pub async fn shift(
    run: &Run,
    spec: &StackSpec,
    services: &std::collections::BTreeSet<String>,
) -> Result<Shifted, Stop> {
    let strategy = strategy_of(run);
    let now = run.parts.clock.now();
    let mut tx = run.parts.db.read().await?;
    let known = db::shift::get(&mut tx, run.deployment.id).await?;
    drop(tx);
    let Some(shift) = known else {
        let first = Shift::begin(run.deployment.id, run.app.id, services.clone(), &strategy, now);
        return Err(lead(run, first).await);
    };
    healthy(run, spec, &shift).await?;
    judge(run, &shift, &strategy).await?;
    match shift.next(&strategy, now) {
        Next::Waits => Err(Stop::Waits(words(&shift))),
        Next::Shift(next) => Err(lead(run, next).await),
        Next::Done => {
            // Whatever its last share was: now it gets all, and the service itself can be replaced.
            let all = Shift { weight: 100, until: now, by_hand: false, go_on: false, ..shift.clone() };
            save(run, &all).await?;
            run.log.say("All visitors are led to the new version.");
            Ok(Shifted { positions: shift.positions })
        }
        Next::GivenUp => Err(Stop::failed(
            Step::Shift,
            "nobody_went_on",
            "nobody said that more visitors are to be led to the new version, for a day; deploy again",
        )),
    }
}

async fn lead(run: &Run, shift: Shift) -> Stop {
    match save(run, &shift).await {
        Ok(()) => {
            run.log.say(&format!("{} of 100 visitors are led to the new version.", shift.weight));
            Stop::Waits(words(&shift))
        }
        Err(stop) => stop,
    }
}

async fn save(run: &Run, shift: &Shift) -> Result<(), Stop> {
    let mut tx = run.parts.db.write().await?;
    db::shift::put(&mut tx, shift).await?;
    tx.commit().await?;
    run.parts.bus.publish(Hint::Edge).await;
    run.tell().await;
    Ok(())
}

fn words(shift: &Shift) -> String {
    let until = if shift.by_hand { "somebody says so".to_owned() } else { shift.until.to_rfc3339() };
    format!("{} of 100 visitors are led to the new version until {until}", shift.weight)
}

/// A trial that breaks is no place for visitors.
async fn healthy(run: &Run, spec: &StackSpec, shift: &Shift) -> Result<(), Stop> {
    // An engine that does not answer says nothing about the trial.
    let Ok(seen) = Seen::look(run, spec).await else { return Ok(()) };
    for service in &shift.services {
        if let Standing::Broken(mut failure, _) =
            stand(&trial::name(service), spec, &seen, std::time::Duration::ZERO)
        {
            failure.step = Step::Shift;
            return Err(Stop::Failed(failure));
        }
    }
    Ok(())
}
