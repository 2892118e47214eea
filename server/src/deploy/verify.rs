//! Verify: watch until every service has converged and stayed healthy for its monitor time, or
//! until it is plain that it will not. Swarm's own return is read and reported, not fought.

use std::{collections::BTreeMap, time::Duration};

use futures::StreamExt as _;
use serde::{Deserialize, Serialize};
use skep_stack::models::{ServiceSpec, ServiceUpdateStatusStateEnum as Update};
use skep_stack::{observed::Observed, plan::plan, spec::StackSpec};
use tokio::time::Instant;

use super::run::{Run, Stop};
use crate::{
    domain::{deployment::Failure, step::Step},
    swarm::{LogQuery, Task},
};

const EVERY: Duration = Duration::from_millis(500);
/// Ended tasks of a new service until it counts as broken.
const TRIES: usize = 3;
/// How long a task may find no node.
const PLACEMENT: Duration = Duration::from_secs(60);
const TAIL: u32 = 20;

/// What the step gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// Tasks that were proven healthy, by service.
    pub running: BTreeMap<String, u64>,
}

/// How one service stands.
enum Standing {
    Proven(u64),
    Waiting(String),
    Broken(Box<Failure>, Option<Box<Sick>>),
}

/// The task that shows why a service is broken.
struct Sick {
    task: Task,
    /// What Swarm says of the whole update, if it says anything.
    words: String,
}

/// Watches the services of `spec`.
///
/// # Errors
/// [`Stop::Failed`] with the task's error and its last log lines; the deadline; see [`Stop`].
pub async fn verify(run: &Run, spec: &StackSpec, deadline: Duration) -> Result<Verified, Stop> {
    let begin = Instant::now();
    let mut stable: BTreeMap<String, (Vec<String>, Instant)> = BTreeMap::new();
    let mut said = String::new();
    // The one that is waited for, whose log tells more than another's.
    let mut awaited = spec.services.keys().next().cloned();
    loop {
        if run.cancel.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        let waiting = match look(run, spec).await {
            Ok((observed, tasks)) => {
                let mut running = BTreeMap::new();
                let mut waiting = None;
                for (name, service) in &spec.services {
                    match stand(
                        name,
                        spec,
                        service,
                        &observed,
                        &tasks,
                        begin,
                        stable.entry(name.clone()).or_insert_with(|| (Vec::new(), Instant::now())),
                    ) {
                        Standing::Proven(count) => drop(running.insert(name.clone(), count)),
                        Standing::Waiting(why) => {
                            if waiting.is_none() {
                                awaited = Some(name.clone());
                            }
                            waiting = waiting.or(Some(why));
                        }
                        Standing::Broken(mut failure, sick) => {
                            if let Some(words) = unhealthy(run, sick.as_deref()).await {
                                failure.message = words;
                            }
                            if spec.services.len() > 1 {
                                failure.message = format!("{}: {}", short(spec, name), failure.message);
                            }
                            failure.log_tail = tail(run, name, sick.map(|sick| sick.task.id)).await;
                            return Err(Stop::Failed(failure));
                        }
                    }
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

async fn look(run: &Run, spec: &StackSpec) -> Result<(Observed, Vec<Task>), crate::swarm::EngineError> {
    let observed = run.parts.engine.observe(&spec.name).await?;
    let tasks = run.parts.engine.tasks(&spec.name).await?;
    Ok((observed, tasks))
}

fn stand(
    name: &str,
    spec: &StackSpec,
    wanted: &ServiceSpec,
    observed: &Observed,
    tasks: &[Task],
    begin: Instant,
    stable: &mut (Vec<String>, Instant),
) -> Standing {
    let Some(service) = observed.services.get(name) else {
        return Standing::Broken(
            failure("service_gone", format!("service {name} was removed by somebody else")),
            None,
        );
    };
    let mine: Vec<&Task> = tasks.iter().filter(|task| task.service_name == name).collect();
    let status = service.update_status.as_ref();
    match status.and_then(|status| status.state) {
        Some(Update::ROLLBACK_STARTED) => {
            return Standing::Waiting(format!("{name}: Swarm is returning to the version before"));
        }
        // What runs is what we want: the return was from another version to this one.
        Some(Update::ROLLBACK_COMPLETED) if matches(name, observed, spec) => {}
        Some(Update::ROLLBACK_COMPLETED | Update::ROLLBACK_PAUSED | Update::PAUSED) => {
            let words = status.and_then(|status| status.message.clone()).unwrap_or_default();
            return broken(&mine, wanted, &words);
        }
        Some(Update::UPDATING) => {
            if let Some(stuck) = placement(&mine, begin) {
                return stuck;
            }
            return Standing::Waiting(format!("{name}: replacing tasks, one healthy before the next"));
        }
        Some(Update::COMPLETED | Update::EMPTY) | None => {}
    }
    let replicas = replicas(wanted, observed, name);
    let running: Vec<String> = mine
        .iter()
        .filter(|task| task.current && task.desired == "running" && task.state == "running")
        .map(|task| task.id.clone())
        .collect();
    let old = mine
        .iter()
        .filter(|task| !task.current && task.desired == "running" && task.state == "running")
        .count();
    let ended = mine
        .iter()
        .filter(|task| task.current && matches!(task.state.as_str(), "failed" | "rejected"))
        .count();
    if ended >= TRIES {
        return broken(&mine, wanted, "");
    }
    if let Some(stuck) = placement(&mine, begin) {
        return stuck;
    }
    if running.len() as u64 != replicas || old > 0 {
        return Standing::Waiting(format!("{name}: {} of {replicas} replicas are healthy", running.len()));
    }
    if stable.0 != running {
        *stable = (running, Instant::now());
    }
    let monitor = wanted.update_config.as_ref().and_then(|u| u.monitor).unwrap_or(0).unsigned_abs();
    let updated = status.is_some_and(|status| status.state == Some(Update::COMPLETED));
    if !updated && replicas > 0 && stable.1.elapsed() < Duration::from_nanos(monitor) {
        return Standing::Waiting(format!("{name}: healthy; watching that it stays so"));
    }
    Standing::Proven(replicas)
}

/// The name of a service in its Compose file.
fn short<'n>(spec: &StackSpec, name: &'n str) -> &'n str {
    name.strip_prefix(&spec.name).and_then(|rest| rest.strip_prefix('_')).unwrap_or(name)
}

/// Whether the service's spec is the wanted one.
fn matches(name: &str, observed: &Observed, spec: &StackSpec) -> bool {
    plan(spec, observed).actions.iter().all(|action| action.name() != name)
}

/// Tasks that should run: the spec's replicas, or what Swarm wants for a global service.
fn replicas(wanted: &ServiceSpec, observed: &Observed, name: &str) -> u64 {
    let mode = wanted.mode.as_ref();
    if let Some(replicated) = mode.and_then(|mode| mode.replicated.as_ref()) {
        return replicated.replicas.unwrap_or(1).unsigned_abs();
    }
    let status = observed.services.get(name).and_then(|service| service.service_status.as_ref());
    status.and_then(|status| status.desired_tasks).unwrap_or(1)
}

/// A task that finds no node is broken after a while, and says so.
fn placement(mine: &[&Task], begin: Instant) -> Option<Standing> {
    let stuck = mine.iter().find(|task| task.state == "pending" && task.error.is_some())?;
    let why = stuck.error.clone().unwrap_or_default();
    if begin.elapsed() < PLACEMENT {
        return Some(Standing::Waiting(format!("{}: waiting for a node: {why}", stuck.service_name)));
    }
    Some(Standing::Broken(failure("no_node", format!("no node can take it: {why}")), None))
}

fn broken(mine: &[&Task], wanted: &ServiceSpec, words: &str) -> Standing {
    let container = wanted.task_template.as_ref().and_then(|template| template.container_spec.as_ref());
    let image = container.and_then(|container| container.image.as_deref()).unwrap_or_default();
    let failed = |task: &&&Task| matches!(task.state.as_str(), "failed" | "rejected") || task.error.is_some();
    let ended = |task: &&&Task| matches!(task.state.as_str(), "complete" | "shutdown");
    // Of the version that was wanted before any other: Swarm ends tasks of the old one too.
    let ours = || mine.iter().filter(|task| task.image == image);
    // One that ended by itself before one that was ended before it could show anything.
    let complete = |task: &&&Task| task.state == "complete";
    let sick = ours().find(failed).or_else(|| ours().find(complete)).or_else(|| ours().find(ended));
    let sick = sick.or_else(|| mine.iter().find(failed)).or_else(|| mine.iter().find(ended));
    let mut message = match sick {
        Some(task) => {
            let error = task.error.clone().unwrap_or_else(|| format!("the task ended ({})", task.state));
            match task.exit_code {
                Some(code) if !error.contains("exit") => format!("{error} (exit code {code})"),
                _ => error,
            }
        }
        None => "the new version did not become healthy".to_owned(),
    };
    if message.contains("No such image") {
        message.push_str(": the node could not get the image");
    }
    let sick = sick.map(|task| Box::new(Sick { task: (*task).clone(), words: words.to_owned() }));
    Standing::Broken(failure("unhealthy", with(message, words)), sick)
}

fn with(message: String, words: &str) -> String {
    if words.is_empty() { message } else { format!("{message}; Swarm says: {words}") }
}

/// What the task's health check said, where Swarm says no more than that it failed.
async fn unhealthy(run: &Run, sick: Option<&Sick>) -> Option<String> {
    let Sick { task, words } = sick?;
    if !task.error.as_deref().is_none_or(|error| error.contains("unhealthy")) {
        return None;
    }
    let container = task.container.as_deref()?;
    let outputs = tokio::time::timeout(Duration::from_secs(5), run.parts.engine.health(container)).await;
    let said = most_said(&outputs.ok()?.ok()?)?;
    let said: String = run.log.masked(&said).chars().take(300).collect();
    Some(with(format!("its health check failed: {said}"), words))
}

/// What was said most: the last words may come from a container that was ending already.
fn most_said(outputs: &[String]) -> Option<String> {
    let count = |output: &String| outputs.iter().filter(|other| *other == output).count();
    outputs.iter().max_by_key(|output| count(output)).cloned()
}

fn failure(code: &str, message: String) -> Box<Failure> {
    Box::new(Failure { step: Step::Verify, code: code.to_owned(), message, log_tail: Vec::new() })
}

/// The last lines of what failed, or of its service; none if the engine does not give them in time.
async fn tail(run: &Run, service: &str, task: Option<String>) -> Vec<String> {
    let mut lines = Vec::new();
    if task.is_some() {
        lines = read(run, service, task).await;
    }
    if lines.is_empty() {
        lines = read(run, service, None).await;
    }
    lines
}

async fn read(run: &Run, service: &str, task: Option<String>) -> Vec<String> {
    let query = LogQuery { tail: Some(TAIL), follow: false, task };
    let read = async {
        let lines = run.parts.engine.logs(service, &query).await.ok()?;
        Some(lines.filter_map(|line| async { line.ok() }).collect::<Vec<_>>().await)
    };
    let lines = tokio::time::timeout(Duration::from_secs(5), read).await.ok().flatten().unwrap_or_default();
    let skip = lines.len().saturating_sub(TAIL as usize);
    lines.into_iter().skip(skip).map(|line| run.log.masked(&line.line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_what_the_check_said_most() {
        let said = |all: &[&str]| most_said(&all.iter().map(|&one| one.to_owned()).collect::<Vec<_>>());
        assert_eq!(said(&["status 404", "status 404", "nothing listens"]).as_deref(), Some("status 404"));
        assert_eq!(said(&["starting", "nothing listens"]).as_deref(), Some("nothing listens"));
        assert_eq!(said(&[]), None);
    }
}
