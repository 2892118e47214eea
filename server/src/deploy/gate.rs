//! Whose turn it is: the actions of a plan, each held back until the services that it needs have
//! come as far as the file says (`depends_on` and its conditions).
//!
//! Only the engine is asked, nothing is remembered: whoever goes on after a crash waits for the
//! same things. What waits keeps nobody else from its turn.

use std::time::Duration;

use skep_stack::{
    plan::Action,
    spec::{Condition, Need, StackSpec},
};
use tokio::time::Instant;

use super::{
    reason::{reason, short, tail},
    run::{Run, Stop},
    standing::{Seen, Standing, failure, stand},
};
use crate::domain::step::Step;

const EVERY: Duration = Duration::from_millis(500);

/// What is waited for before a service is made or changed.
#[derive(Debug, Clone, Copy)]
pub enum Pace {
    /// What the services need; so long at most after the last action.
    Waits(Duration),
    /// Nothing: what comes back ran before.
    AtOnce,
}

/// The way of a plan's actions through its conditions.
pub(super) struct Gate<'r> {
    run: &'r Run,
    spec: &'r StackSpec,
    pace: Pace,
    said: String,
}

/// What an action waits for.
struct Wait {
    /// The service that is held back.
    service: String,
    /// The one that it needs.
    needed: String,
    why: String,
}

enum Turn {
    Now,
    /// Another action of the plan comes first.
    Behind,
    Waits(Wait),
}

impl<'r> Gate<'r> {
    pub(super) const fn new(run: &'r Run, spec: &'r StackSpec, pace: Pace) -> Self {
        Self { run, spec, pace, said: String::new() }
    }

    /// The place of the next action in `left`, which is not empty, as soon as there is one.
    ///
    /// # Errors
    /// What it waits for is broken or too late: with its task's error and last lines.
    pub(super) async fn next(&mut self, left: &[Action]) -> Result<usize, Stop> {
        let Pace::Waits(deadline) = self.pace else { return Ok(0) };
        if self.spec.needs(left[0].name()).next().is_none() {
            return Ok(0);
        }
        let begin = Instant::now();
        loop {
            let mut wait = None;
            let why = match Seen::look(self.run, self.spec).await {
                Ok(seen) => {
                    for at in 0..left.len() {
                        match self.turn(left, at, &seen, begin.elapsed()).await? {
                            Turn::Now => return Ok(at),
                            Turn::Behind => {}
                            Turn::Waits(found) => {
                                wait.get_or_insert(found);
                            }
                        }
                    }
                    // They need each other: nothing is gained by waiting.
                    let Some(wait) = &wait else { return Ok(0) };
                    format!("{} waits: {}", wait.service, wait.why)
                }
                Err(error) => format!("the engine does not tell: {error}"),
            };
            if why != self.said {
                self.run.log.say(&why);
                self.said = why;
            }
            if begin.elapsed() > deadline {
                return Err(Stop::Failed(self.late(deadline, wait).await));
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = self.run.cancel.cancelled() => return Err(Stop::Cancelled),
            }
        }
    }

    async fn turn(&self, left: &[Action], at: usize, seen: &Seen, waited: Duration) -> Result<Turn, Stop> {
        let name = left[at].name();
        let first = |name: &str| left.iter().position(|action| action.name() == name);
        if !self.spec.services.contains_key(name) || first(name) != Some(at) {
            // What services need comes before all of them, and removals after.
            return Ok(if at == 0 { Turn::Now } else { Turn::Behind });
        }
        if self.spec.needs(name).any(|(needed, _)| first(needed).is_some()) {
            return Ok(Turn::Behind);
        }
        for (needed, need) in self.spec.needs(name) {
            if let Some(why) = self.lacks(name, needed, need, seen, waited).await? {
                return Ok(Turn::Waits(Wait { service: name.to_owned(), needed: needed.clone(), why }));
            }
        }
        Ok(Turn::Now)
    }

    /// What is still missing of a need; nothing if it is met.
    async fn lacks(
        &self,
        name: &str,
        needed: &str,
        need: &Need,
        seen: &Seen,
        waited: Duration,
    ) -> Result<Option<String>, Stop> {
        let started = || self.spec.services.get(needed).is_some_and(|wanted| seen.started(needed, wanted));
        match stand(needed, self.spec, seen, waited) {
            Standing::Completed(_) => Ok(None),
            Standing::Running { .. } if need.until != Condition::Completed => Ok(None),
            Standing::Running { tasks, .. } if tasks.is_empty() => Ok(None),
            Standing::Running { .. } => Ok(Some(format!("{needed}: the job runs"))),
            Standing::Waiting(_) if need.until == Condition::Started && started() => Ok(None),
            Standing::Waiting(why) => Ok(Some(why)),
            Standing::Broken(failure, sick) => {
                let mut failure = reason(self.run, self.spec, needed, failure, sick).await;
                failure.step = Step::Apply;
                failure.message =
                    format!("{}; {} waits for it {}", failure.message, short(self.spec, name), words(need));
                Err(Stop::Failed(failure))
            }
        }
    }

    async fn late(&self, deadline: Duration, wait: Option<Wait>) -> Box<crate::domain::deployment::Failure> {
        let seconds = deadline.as_secs();
        let mut failure = failure("timeout", format!("waited {seconds} s in vain: {}", self.said));
        failure.step = Step::Apply;
        if let Some(wait) = wait {
            failure.log_tail = tail(self.run, &wait.needed, None).await;
        }
        failure
    }
}

const fn words(need: &Need) -> &'static str {
    match need.until {
        Condition::Started => "to start",
        Condition::Healthy => "to be healthy",
        Condition::Completed => "to end well",
    }
}
