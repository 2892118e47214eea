//! How an app stands: what the engine shows of it, compared with what is wanted. Pure.
//!
//! What the engine does not tell is `Unknown`, never "down" or "stopped"; an engine that lists
//! nothing at all tells nothing either.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    domain::app::{App, Wanted},
    swarm::Task,
};

/// What an app is doing, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It was never live.
    Empty,
    /// As many healthy replicas as wanted.
    Running,
    /// Fewer healthy replicas than wanted, but some.
    Degraded,
    /// None is healthy, though some are wanted.
    Down,
    /// Stopped by a person.
    Stopped,
    /// Being removed.
    Removing,
    /// The engine does not tell.
    Unknown,
}

/// How an app stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// What it is doing.
    pub state: State,
    /// Healthy replicas; none if not known.
    pub running: Option<u64>,
    /// Replicas that should run.
    pub wanted: u64,
}

/// Tasks by the stack that they belong to; none if there are none at all, as then the engine more
/// likely does not know than has lost everything.
#[must_use]
pub fn by_stack(tasks: &[Task]) -> Option<BTreeMap<&str, Vec<&Task>>> {
    let mut stacks: BTreeMap<&str, Vec<&Task>> = BTreeMap::new();
    for task in tasks {
        // `stack` for an app of one image, `stack_service` for Compose; a stack's name has no `_`.
        let stack = task.service_name.split('_').next().unwrap_or_default();
        stacks.entry(stack).or_default().push(task);
    }
    (!stacks.is_empty()).then_some(stacks)
}

/// The name of a service in its Compose file, or the app's own: for people. `full`: its name in Swarm.
#[must_use]
pub fn service<'a>(app: &'a App, full: &'a str) -> &'a str {
    skep_stack::text::short(&app.stack, full).unwrap_or(app.name.as_str())
}

/// How an app stands. `live`: the generation that serves, if one does. `tasks`: the app's own;
/// none if the engine does not tell.
#[must_use]
pub fn standing(app: &App, live: Option<i64>, tasks: Option<&[&Task]>) -> Standing {
    let running = tasks.map(|tasks| places(tasks, healthy));
    let wanted = match (app.wanted, live) {
        (Wanted::Stopped | Wanted::Removed, _) | (_, None) => 0,
        (Wanted::Running, Some(live)) => wanted(app, live, tasks),
    };
    let state = match (app.wanted, live, running) {
        (Wanted::Removed, ..) => State::Removing,
        (_, None, _) => State::Empty,
        (_, _, None) => State::Unknown,
        (Wanted::Stopped, ..) => State::Stopped,
        (Wanted::Running, _, Some(0)) => State::Down,
        (Wanted::Running, _, Some(running)) if running < wanted => State::Degraded,
        (Wanted::Running, ..) => State::Running,
    };
    Standing { state, running, wanted }
}

/// It counts: it should run, and it does. A task with a health check runs only when healthy.
#[must_use]
pub fn healthy(task: &Task) -> bool {
    task.state == "running" && task.desired == "running"
}

/// Settings that are not deployed yet say nothing about what should run now, and a Compose file
/// has replicas of its own: there the swarm's own count of places is taken.
fn wanted(app: &App, live: i64, tasks: Option<&[&Task]>) -> u64 {
    let by_settings = app.settings.replicas.unwrap_or(1);
    let settled = live >= app.configured && !app.composed();
    match tasks {
        Some(tasks) if !settled => {
            places(tasks, |task| matches!(task.desired.as_str(), "running" | "ready")).max(1)
        }
        _ => by_settings,
    }
}

/// Replicas (slots, or nodes of global services) with a task that is as asked. During an update
/// that starts first a replica has two tasks, and counts once.
fn places(tasks: &[&Task], is: impl Fn(&Task) -> bool) -> u64 {
    let places: BTreeSet<_> = tasks
        .iter()
        .filter(|task| is(task))
        .map(|task| {
            let node = if task.slot.is_none() { task.node.as_deref() } else { None };
            (task.service_name.as_str(), task.slot, node)
        })
        .collect();
    places.len() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        app::{Build, Settings, Source},
        clock::{Clock as _, SystemClock},
        id::{AppId, EnvironmentId, TeamId},
        name::{ImageRef, Slug},
    };

    fn app(replicas: u64, wanted: Wanted) -> App {
        let now = SystemClock.now();
        App {
            id: AppId::new(&SystemClock),
            team: TeamId::new(&SystemClock),
            environment: EnvironmentId::new(&SystemClock),
            name: Slug::parse("web").unwrap(),
            stack: "shop-web-0001".into(),
            source: Source::Image { image: ImageRef::parse("nginx:1").unwrap(), credential: None },
            build: Build::None,
            settings: Settings { replicas: Some(replicas), ..Settings::default() },
            generation: 3,
            configured: 3,
            wanted,
            auto_deploy: true,
            created_at: now,
            updated_at: now,
        }
    }

    fn task(service: &str, slot: i64, state: &str, desired: &str) -> Task {
        Task {
            id: format!("{service}-{slot}-{state}"),
            service: "s".into(),
            service_name: service.into(),
            node: Some("n1".into()),
            slot: Some(slot),
            current: true,
            image: "nginx:1".into(),
            state: state.into(),
            desired: desired.into(),
            since: None,
            error: None,
            exit_code: None,
            ..Task::default()
        }
    }

    fn seen(app: &App, live: Option<i64>, tasks: &[Task]) -> (State, Option<u64>, u64) {
        let tasks: Vec<&Task> = tasks.iter().collect();
        let standing = standing(app, live, Some(&tasks));
        (standing.state, standing.running, standing.wanted)
    }

    #[test]
    fn healthy_replicas_are_counted_against_wanted_ones() {
        let two = app(2, Wanted::Running);
        let up = |slot| task("shop-web-0001", slot, "running", "running");
        let old = |slot| task("shop-web-0001", slot, "failed", "shutdown");
        let waits = |slot| task("shop-web-0001", slot, "starting", "running");
        assert_eq!(seen(&two, Some(3), &[up(1), up(2), old(1)]), (State::Running, Some(2), 2));
        assert_eq!(seen(&two, Some(3), &[up(1), waits(2)]), (State::Degraded, Some(1), 2));
        assert_eq!(seen(&two, Some(3), &[up(1), up(1)]), (State::Degraded, Some(1), 2), "one place");
        assert_eq!(seen(&two, Some(3), &[old(1), waits(2)]), (State::Down, Some(0), 2));
        assert_eq!(seen(&two, Some(3), &[]), (State::Down, Some(0), 2));
        assert_eq!(seen(&two, None, &[waits(1)]), (State::Empty, Some(0), 0));
        assert_eq!(seen(&app(2, Wanted::Stopped), Some(3), &[]), (State::Stopped, Some(0), 0));
        assert_eq!(seen(&app(2, Wanted::Removed), Some(3), &[]), (State::Removing, Some(0), 0));
    }

    #[test]
    fn replicas_that_are_not_deployed_yet_are_not_missed() {
        let five = app(5, Wanted::Running);
        let up = |slot| task("shop-web-0001", slot, "running", "running");
        assert_eq!(seen(&five, Some(2), &[up(1), up(2)]), (State::Running, Some(2), 2));
        assert_eq!(seen(&five, Some(3), &[up(1), up(2)]), (State::Degraded, Some(2), 5));
    }

    #[test]
    fn fault_29_an_engine_that_does_not_tell_stops_nothing() {
        for wanted in [Wanted::Running, Wanted::Stopped] {
            let unknown = standing(&app(1, wanted), Some(3), None);
            assert_eq!((unknown.state, unknown.running), (State::Unknown, None));
        }
        assert!(by_stack(&[]).is_none(), "nothing listed is nothing known");
    }

    #[test]
    fn services_are_found_by_their_stack() {
        let tasks = [task("shop-1", 1, "running", "running"), task("blog-2_db", 1, "running", "running")];
        let stacks = by_stack(&tasks).unwrap();
        assert_eq!(stacks.keys().copied().collect::<Vec<_>>(), ["blog-2", "shop-1"]);
    }
}
