//! A deployment of some services alone: which those are, and what becomes of the others.
//!
//! The others stay as the release that serves has them, in what runs and in the release that is
//! recorded: a release always says all that runs, so that to return to it, and to deploy the whole
//! app later, is what it always is.

use std::collections::{BTreeMap, BTreeSet};

use skep_stack::{compose::Outline, part::mixed, spec::StackSpec};

use super::{parts::Parts, plan::serving, run::Stop};
use crate::domain::{app::App, deployment::Deployment, step::Step};

/// What a new deployment is of that takes the place of one that waits: both, or the change of which
/// the one that waited was would be lost. The whole app takes all in.
pub(super) fn together(waiting: &Deployment, new: BTreeSet<String>) -> BTreeSet<String> {
    if waiting.whole() || new.is_empty() { BTreeSet::new() } else { &waiting.services | &new }
}

/// The services that a deployment builds and updates, by their names in the file; none for all.
/// Services that those need and that do not run yet are among them: whoever says
/// `docker compose up -d web` finds the database started too, as `web` could not work without it.
/// One that runs is left as it is, changed or not: it is not what was asked for.
///
/// # Errors
/// `unknown_service`; the database.
pub(super) async fn part(
    parts: &Parts,
    app: &App,
    asked: &BTreeSet<String>,
    outline: &Outline,
) -> Result<Option<BTreeSet<String>>, Stop> {
    if asked.is_empty() {
        return Ok(None);
    }
    let all: BTreeSet<&String> = outline.builds.keys().chain(outline.images.keys()).collect();
    if let Some(unknown) = asked.iter().find(|name| !all.contains(name)) {
        let names = all.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
        let message = format!("the Compose file has no service '{unknown}': deploy one of {names}");
        return Err(Stop::failed(Step::Build, "unknown_service", message));
    }
    let running = serving(parts, app).await?.map(|spec| spec.services).unwrap_or_default();
    let mut part = closure(asked, &outline.needs, |name| running.contains_key(&full(app, name)));
    part.retain(|name| all.contains(name));
    Ok(Some(part))
}

fn closure(
    asked: &BTreeSet<String>,
    needs: &BTreeMap<String, BTreeSet<String>>,
    runs: impl Fn(&str) -> bool,
) -> BTreeSet<String> {
    let mut part = asked.clone();
    let mut open: Vec<&String> = asked.iter().collect();
    while let Some(name) = open.pop() {
        for needed in needs.get(name).into_iter().flatten().filter(|needed| !runs(needed)) {
            if part.insert(needed.clone()) {
                open.push(needed);
            }
        }
    }
    part
}

/// What shall run after these services alone were updated to what `wanted` has of them; their full
/// names beside it.
///
/// # Errors
/// See [`Stop`].
pub(super) async fn onto(
    parts: &Parts,
    app: &App,
    wanted: StackSpec,
    services: &BTreeSet<String>,
) -> Result<(StackSpec, BTreeSet<String>), Stop> {
    let names: BTreeSet<String> = services.iter().map(|name| full(app, name)).collect();
    Ok((mixed(serving(parts, app).await?, wanted, &names), names))
}

/// What is said of the services that come along.
pub(super) fn along<'s>(
    asked: &'s BTreeSet<String>,
    services: &'s BTreeSet<String>,
) -> impl Iterator<Item = String> + use<'s> {
    let more = services.difference(asked);
    more.map(|more| format!("Service {more} does not run yet and is needed: it is deployed too."))
}

/// A service's name in Swarm.
fn full(app: &App, service: &str) -> String {
    format!("{}_{service}", app.stack)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn what_is_needed_and_does_not_run_comes_along() {
        let needs = BTreeMap::from([
            ("web".to_owned(), set(&["db", "queue"])),
            ("queue".to_owned(), set(&["disk", "web"])),
            ("db".to_owned(), set(&["never"])),
        ]);
        let part = |running: &[&str]| closure(&set(&["web"]), &needs, |name| running.contains(&name));
        assert_eq!(part(&["db", "queue", "web"]), set(&["web"]));
        assert_eq!(
            part(&["db"]),
            set(&["disk", "queue", "web"]),
            "what a running one needs is its own matter"
        );
    }
}
