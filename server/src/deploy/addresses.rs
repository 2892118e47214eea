//! Where requests for the services on the edge go, by what is seen of their tasks.
//!
//! A task that Swarm has decided to end is let go at once: while it is held (`skep_stack::drain`) it
//! still serves what reaches it, so nothing is lost on the way. Only where nobody else serves it is
//! led to on, until it is really told to stop.

use std::collections::{BTreeMap, BTreeSet};

use super::desire::EDGE;
use crate::swarm::Task;

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Addresses {
    /// (service, address), sorted.
    pub at: Vec<(String, String)>,
    /// Services that have tasks, none of which serves.
    pub nobody: BTreeSet<String>,
}

/// The addresses on the edge network of every task that serves. A task with a health check runs only
/// when it is healthy.
#[must_use]
pub fn addresses(tasks: &[Task]) -> Addresses {
    let mut services: BTreeMap<&str, [BTreeSet<&str>; 2]> = BTreeMap::new();
    for task in tasks {
        let [wanted, held] = services.entry(&task.service_name).or_default();
        let addresses = task.addresses.iter().filter(|(network, _)| network == EDGE);
        let addresses = addresses.map(|(_, address)| address.as_str());
        match (task.state.as_str(), task.desired.as_str()) {
            ("running", "running") => wanted.extend(addresses),
            ("running", _) if task.held => held.extend(addresses),
            _ => {}
        }
    }
    let mut seen = Addresses::default();
    for (service, [wanted, held]) in services {
        let serving = if wanted.is_empty() { held } else { wanted };
        if serving.is_empty() {
            seen.nobody.insert(service.to_owned());
        }
        seen.at.extend(serving.into_iter().map(|address| (service.to_owned(), address.to_owned())));
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(service: &str, address: &str, state: &str, desired: &str, held: bool) -> Task {
        Task {
            service_name: service.to_owned(),
            addresses: vec![
                (EDGE.to_owned(), address.to_owned()),
                ("other".to_owned(), "9.9.9.9".to_owned()),
            ],
            state: state.to_owned(),
            desired: desired.to_owned(),
            held,
            ..Task::default()
        }
    }

    fn at(tasks: &[Task]) -> Vec<String> {
        addresses(tasks).at.into_iter().map(|(service, address)| format!("{service} {address}")).collect()
    }

    #[test]
    fn a_task_that_ends_is_let_go_as_soon_as_another_serves() {
        let new = task("web", "10.0.0.2", "running", "running", true);
        let old = task("web", "10.0.0.1", "running", "shutdown", true);
        assert_eq!(at(&[old.clone(), new.clone()]), ["web 10.0.0.2"]);
        let starting = task("web", "10.0.0.2", "starting", "running", true);
        assert_eq!(at(&[old.clone(), starting.clone()]), ["web 10.0.0.1"], "held, and nobody else");
        let told = task("web", "10.0.0.1", "running", "shutdown", false);
        let seen = addresses(&[told, starting.clone(), task("api", "10.0.0.7", "running", "running", false)]);
        assert_eq!(seen.at, [("api".to_owned(), "10.0.0.7".to_owned())]);
        assert_eq!(seen.nobody, ["web".to_owned()].into());
        let ended = task("web", "10.0.0.1", "complete", "shutdown", true);
        assert_eq!(addresses(&[ended, starting]).nobody, ["web".to_owned()].into());
        assert_eq!(addresses(&[]), Addresses::default(), "what is not seen is not known");
    }
}
