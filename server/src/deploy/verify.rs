//! Verify: watch until every service has converged and stayed healthy for its monitor time, or
//! until it is plain that it will not. How one service stands is judged in `standing`.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use skep_stack::{
    models::ServiceSpec,
    replicas::is_job,
    spec::{Condition, StackSpec},
};
use tokio::time::Instant;

use super::{
    reason::{reason, tail},
    run::{Run, Stop},
    standing::{Seen, Standing, failure, stand},
};

const EVERY: Duration = Duration::from_millis(500);
/// A job has no monitor time of its own.
const JOB_MONITOR: Duration = Duration::from_secs(5);

/// What the step gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// Tasks that were proven healthy, by service.
    pub running: BTreeMap<String, u64>,
}

/// Watches the services of `spec`.
///
/// # Errors
/// [`Stop::Failed`] with the task's error and its last log lines; the deadline; see [`Stop`].
pub async fn verify(run: &Run, spec: &StackSpec, deadline: Duration) -> Result<Verified, Stop> {
    let begin = Instant::now();
    let mut stable = Stable::default();
    let mut said = String::new();
    // The one that is waited for, whose log tells more than another's.
    let mut awaited = spec.services.keys().next().cloned();
    loop {
        if run.cancel.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        let waiting = match Seen::look(run, spec).await {
            Ok(seen) => {
                let mut running = BTreeMap::new();
                let mut waiting = None;
                for (name, service) in &spec.services {
                    let why = match stand(name, spec, &seen, begin.elapsed()) {
                        Standing::Completed(count) => {
                            running.insert(name.clone(), count);
                            continue;
                        }
                        Standing::Running { tasks, settled } => {
                            let count = tasks.len() as u64;
                            match stable.watch(name, tasks, settled, monitor(spec, name, service)) {
                                None => {
                                    running.insert(name.clone(), count);
                                    continue;
                                }
                                Some(why) => why,
                            }
                        }
                        Standing::Waiting(why) => why,
                        Standing::Broken(failure, sick) => {
                            return Err(Stop::Failed(reason(run, spec, name, failure, sick).await));
                        }
                    };
                    if waiting.is_none() {
                        awaited = Some(name.clone());
                    }
                    waiting = waiting.or(Some(why));
                }
                match waiting {
                    None => return Ok(Verified { running }),
                    Some(why) => why,
                }
            }
            // Unknown is not broken: go on looking until the deadline.
            Err(error) => format!("the engine does not tell: {error}"),
        };
        if waiting != said {
            run.log.say(&waiting);
            said = waiting;
        }
        if begin.elapsed() > deadline {
            let message = format!("not proven healthy within {} s: {said}", deadline.as_secs());
            let mut failure = failure("timeout", message);
            if let Some(name) = &awaited {
                failure.log_tail = tail(run, name, None).await;
            }
            return Err(Stop::Failed(failure));
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = run.cancel.cancelled() => return Err(Stop::Cancelled),
        }
    }
}

/// How long running tasks are watched; a job that somebody needs ended well: until it has.
fn monitor(spec: &StackSpec, name: &str, service: &ServiceSpec) -> Option<Duration> {
    if is_job(service) {
        let mut needs = spec.after.values().filter_map(|needs| needs.get(name));
        return needs.all(|need| need.until != Condition::Completed).then_some(JOB_MONITOR);
    }
    let nanos = service.update_config.as_ref().and_then(|update| update.monitor).unwrap_or(0);
    Some(Duration::from_nanos(nanos.unsigned_abs()))
}

/// Since when the same tasks run.
#[derive(Default)]
struct Stable(BTreeMap<String, (Vec<String>, Instant)>);

impl Stable {
    /// What is still waited for; nothing once they ran long enough.
    fn watch(
        &mut self,
        name: &str,
        tasks: Vec<String>,
        settled: bool,
        monitor: Option<Duration>,
    ) -> Option<String> {
        let Some(monitor) = monitor else { return Some(format!("{name}: the job runs")) };
        let now = Instant::now();
        let (known, since) = self.0.entry(name.to_owned()).or_insert_with(|| (tasks.clone(), now));
        if *known != tasks {
            (*known, *since) = (tasks, now);
        }
        let watched = settled || since.elapsed() >= monitor;
        (!watched).then(|| format!("{name}: healthy; watching that it stays so"))
    }
}
