//! Why a service is broken, in the words of its task: its error, what its health check said, and
//! the last lines that it wrote.

use std::time::Duration;

use futures::StreamExt as _;
use skep_stack::{spec::StackSpec, text};

use super::{
    run::Run,
    standing::{Sick, with},
};
use crate::{domain::deployment::Failure, swarm::LogQuery};

const TAIL: u32 = 20;
/// How long the engine is asked for words.
const PATIENCE: Duration = Duration::from_secs(5);

/// The failure of service `name`, with all that can be known of it.
pub(super) async fn reason(
    run: &Run,
    spec: &StackSpec,
    name: &str,
    mut failure: Box<Failure>,
    sick: Option<Box<Sick>>,
) -> Box<Failure> {
    if let Some(words) = unhealthy(run, sick.as_deref()).await {
        failure.message = words;
    }
    if spec.services.len() > 1 {
        failure.message = format!("{}: {}", short(spec, name), failure.message);
    }
    failure.log_tail = tail(run, name, sick.map(|sick| sick.task.id)).await;
    failure
}

/// The name of a service in its Compose file.
pub(super) fn short<'n>(spec: &StackSpec, name: &'n str) -> &'n str {
    text::short(&spec.name, name).unwrap_or(name)
}

/// The last lines of what failed, or of its service; none if the engine does not give them in time.
pub(super) async fn tail(run: &Run, service: &str, task: Option<String>) -> Vec<String> {
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
    let lines = tokio::time::timeout(PATIENCE, read).await.ok().flatten().unwrap_or_default();
    let skip = lines.len().saturating_sub(TAIL as usize);
    lines.into_iter().skip(skip).map(|line| run.log.masked(&line.line)).collect()
}

/// What the task's health check said, where Swarm says no more than that it failed.
async fn unhealthy(run: &Run, sick: Option<&Sick>) -> Option<String> {
    let Sick { task, words } = sick?;
    if !task.error.as_deref().is_none_or(|error| error.contains("unhealthy")) {
        return None;
    }
    let container = task.container.as_deref()?;
    let outputs = tokio::time::timeout(PATIENCE, run.parts.engine.health(container)).await;
    let said = most_said(&outputs.ok()?.ok()?)?;
    let said: String = run.log.masked(&said).chars().take(300).collect();
    Some(with(format!("its health check failed: {said}"), words))
}

/// What was said most: the last words may come from a container that was ending already.
fn most_said(outputs: &[String]) -> Option<String> {
    let count = |output: &String| outputs.iter().filter(|other| *other == output).count();
    outputs.iter().max_by_key(|output| count(output)).cloned()
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
