//! How one service stands, judged from what the engine shows of it at one moment. Swarm's own
//! return is read and reported, not fought.
//!
//! What waits (`verify` for the whole stack, `gate` for what a service needs) looks again and again
//! and asks here. To add a sign of trouble: a branch of [`stand`] or [`job`], with a case of the
//! tests in `tests/tests/deploy`.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use skep_stack::models::{
    ServiceSpec, ServiceUpdateStatusStateEnum as Update, TaskSpecRestartPolicyConditionEnum as Restart,
};
use skep_stack::{observed::Observed, plan::plan, replicas::is_job, spec::StackSpec};

use super::run::Run;
use crate::{
    domain::{deployment::Failure, step::Step},
    swarm::{EngineError, Task},
};

/// Ended tasks of a new service until it counts as broken.
const TRIES: usize = 3;
/// Ended tasks that Swarm keeps of each slot.
const HISTORY: usize = 5;
/// How long a task may find no node.
const PLACEMENT: Duration = Duration::from_secs(60);

/// How one service stands.
pub(super) enum Standing {
    /// All its tasks run; those of a job before they end.
    Running {
        /// Their ids.
        tasks: Vec<String>,
        /// Nothing is left to be watched: Swarm did that, or there is nothing.
        settled: bool,
    },
    /// A job whose last run has ended well.
    Completed(u64),
    /// Not yet, and why.
    Waiting(String),
    /// It will not come.
    Broken(Box<Failure>, Option<Box<Sick>>),
}

/// The task that shows why a service is broken.
pub(super) struct Sick {
    pub(super) task: Task,
    /// What Swarm says of the whole update, if it says anything.
    pub(super) words: String,
}

/// What the engine shows of a stack at one moment.
pub(super) struct Seen {
    pub(super) observed: Observed,
    pub(super) tasks: Vec<Task>,
}

impl Seen {
    /// Looks.
    pub(super) async fn look(run: &Run, spec: &StackSpec) -> Result<Self, EngineError> {
        let observed = run.parts.engine.observe(&spec.name).await?;
        let tasks = run.parts.engine.tasks(&spec.name).await?;
        Ok(Self { observed, tasks })
    }

    fn of(&self, name: &str) -> Vec<&Task> {
        self.tasks.iter().filter(|task| task.service_name == name).collect()
    }

    /// A task of the service runs, healthy or not yet.
    pub(super) fn started(&self, name: &str, wanted: &ServiceSpec) -> bool {
        let container = wanted.task_template.as_ref().and_then(|template| template.container_spec.as_ref());
        // Until its check succeeds, a task that runs is still called starting.
        let checked = container.is_some_and(|container| container.health_check.is_some());
        self.of(name).iter().filter(|task| task.current).any(|task| match task.state.as_str() {
            "running" | "complete" => true,
            "starting" => checked && task.container.is_some(),
            _ => false,
        })
    }
}

/// How service `name` of `spec` stands; `waited` is how long it was looked at.
pub(super) fn stand(name: &str, spec: &StackSpec, seen: &Seen, waited: Duration) -> Standing {
    let (Some(wanted), Some(service)) = (spec.services.get(name), seen.observed.services.get(name)) else {
        let message = format!("service {name} was removed by somebody else");
        return Standing::Broken(failure("service_gone", message), None);
    };
    let mine = seen.of(name);
    if is_job(wanted) {
        return job(name, wanted, &mine, waited);
    }
    let status = service.update_status.as_ref();
    match status.and_then(|status| status.state) {
        Some(Update::ROLLBACK_STARTED) => {
            return Standing::Waiting(format!("{name}: Swarm is returning to the version before"));
        }
        // What runs is what we want: the return was from another version to this one.
        Some(Update::ROLLBACK_COMPLETED) if matches(name, &seen.observed, spec) => {}
        Some(Update::ROLLBACK_COMPLETED | Update::ROLLBACK_PAUSED | Update::PAUSED) => {
            let words = status.and_then(|status| status.message.clone()).unwrap_or_default();
            return broken(&mine, wanted, "unhealthy", &words);
        }
        Some(Update::UPDATING) => {
            if let Some(stuck) = placement(&mine, waited) {
                return stuck;
            }
            return Standing::Waiting(format!("{name}: replacing tasks, one healthy before the next"));
        }
        Some(Update::COMPLETED | Update::EMPTY) | None => {}
    }
    let replicas = replicas(wanted, &seen.observed, name);
    let runs = |task: &&&Task| task.desired == "running" && task.state == "running";
    let running: Vec<String> =
        mine.iter().filter(runs).filter(|task| task.current).map(|task| task.id.clone()).collect();
    let old = mine.iter().filter(runs).filter(|task| !task.current).count();
    let short = running.len() as u64 != replicas || old > 0;
    // Once all run, what failed earlier, perhaps long before this deployment, says nothing: whoever
    // watches sees whether they go on.
    let counts = |task: &&&Task| task.current && failed(task) && !passes(task);
    if short && mine.iter().filter(counts).count() >= TRIES {
        return broken(&mine, wanted, "unhealthy", "");
    }
    if let Some(stuck) = placement(&mine, waited) {
        return stuck;
    }
    if short {
        let beside = if old > 0 { format!(", {old} of another version run") } else { String::new() };
        return Standing::Waiting(format!(
            "{name}: {} of {replicas} replicas are healthy{beside}",
            running.len()
        ));
    }
    let settled = replicas == 0 || status.is_some_and(|status| status.state == Some(Update::COMPLETED));
    Standing::Running { tasks: running, settled }
}

/// How a job stands: its tasks end, and each of its runs counts for itself.
fn job(name: &str, wanted: &ServiceSpec, mine: &[&Task], waited: Duration) -> Standing {
    let run: Vec<&Task> = mine.iter().copied().filter(|task| task.current).collect();
    let complete: Vec<&Task> = run.iter().copied().filter(|task| task.state == "complete").collect();
    let replicated = wanted.mode.as_ref().and_then(|mode| mode.replicated_job.as_ref());
    let (done, total) = match replicated {
        Some(job) => {
            let total = job.total_completions.or(job.max_concurrent).unwrap_or(1).unsigned_abs();
            (complete.len() as u64, total)
        }
        None => {
            let nodes = |tasks: &[&Task]| {
                tasks.iter().filter_map(|task| task.node.clone()).collect::<BTreeSet<_>>().len() as u64
            };
            (nodes(&complete), nodes(&run).max(1))
        }
    };
    if done >= total {
        return Standing::Completed(total);
    }
    let mut failures: BTreeMap<(Option<i64>, Option<&str>), usize> = BTreeMap::new();
    let most = tries(wanted);
    for task in run.iter().filter(|task| failed(task) && (most == 1 || !passes(task))) {
        let place = if replicated.is_some() { None } else { task.node.as_deref() };
        *failures.entry((task.slot, place)).or_default() += 1;
    }
    if failures.values().any(|count| *count >= most) {
        return broken(mine, wanted, "job_failed", "");
    }
    if let Some(stuck) = placement(mine, waited) {
        return stuck;
    }
    let running: Vec<String> =
        run.iter().filter(|task| task.state == "running").map(|task| task.id.clone()).collect();
    if running.is_empty() || failures.values().any(|count| *count > 0) {
        return Standing::Waiting(format!("{name}: {done} of {total} runs of the job have ended well"));
    }
    Standing::Running { tasks: running, settled: false }
}

/// How often a task of a job may fail: as its restart policy says, where it says something.
fn tries(wanted: &ServiceSpec) -> usize {
    let policy = wanted.task_template.as_ref().and_then(|template| template.restart_policy.as_ref());
    if policy.and_then(|policy| policy.condition) == Some(Restart::NONE) {
        return 1;
    }
    let attempts =
        policy.and_then(|policy| policy.max_attempts).and_then(|count| usize::try_from(count).ok());
    attempts.filter(|count| *count > 0).map_or(TRIES, |count| count.saturating_add(1).min(HISTORY))
}

fn failed(task: &Task) -> bool {
    matches!(task.state.as_str(), "failed" | "rejected")
}

/// Whether a node refused it for what is over soon: newer engines give the addresses of a network that
/// was removed to the next one at once, but a node has them until the last container there is gone.
fn passes(task: &Task) -> bool {
    task.state == "rejected" && task.error.as_ref().is_some_and(|error| error.contains("Pool overlaps"))
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
fn placement(mine: &[&Task], waited: Duration) -> Option<Standing> {
    let stuck = mine.iter().find(|task| task.state == "pending" && task.error.is_some())?;
    let why = stuck.error.clone().unwrap_or_default();
    if waited < PLACEMENT {
        return Some(Standing::Waiting(format!("{}: waiting for a node: {why}", stuck.service_name)));
    }
    Some(Standing::Broken(failure("no_node", format!("no node can take it: {why}")), None))
}

fn broken(mine: &[&Task], wanted: &ServiceSpec, code: &str, words: &str) -> Standing {
    let container = wanted.task_template.as_ref().and_then(|template| template.container_spec.as_ref());
    let image = container.and_then(|container| container.image.as_deref()).unwrap_or_default();
    let failed = |task: &&&Task| failed(task) || task.error.is_some();
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
    Standing::Broken(failure(code, with(message, words)), sick)
}

/// The message, and what Swarm says beside it.
pub(super) fn with(message: String, words: &str) -> String {
    if words.is_empty() { message } else { format!("{message}; Swarm says: {words}") }
}

/// A failure of the verify step; `gate` says its own.
pub(super) fn failure(code: &str, message: String) -> Box<Failure> {
    Box::new(Failure { step: Step::Verify, code: code.to_owned(), message, log_tail: Vec::new() })
}
