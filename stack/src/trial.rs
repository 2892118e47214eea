//! A new version beside the old one: a service of its own for each service that visitors are led to,
//! until all of them are led over.
//!
//! The trial is called as its service with [`SUFFIX`], so that no name of a file means it; other
//! services go on talking to the old version. What is no such service (workers, jobs that move a
//! database) is brought to the new version before the trial is asked anything, as the trial needs it.

use std::collections::BTreeSet;

use bollard_stubs::models::{ServiceSpec, ServiceSpecUpdateConfigOrderEnum as Order};

use crate::{
    fault::{Fault, Faults},
    labels,
    part::mixed,
    plan::{Action, Plan},
    replicas::{is_job, single_writer, tasks},
    spec::StackSpec,
    text, volumes,
};

/// Behind the name of a service whose trial it is.
pub const SUFFIX: &str = "__next";

/// The name of a service's trial.
#[must_use]
pub fn name(service: &str) -> String {
    format!("{service}{SUFFIX}")
}

/// The services that get a trial: those that visitors are led to, now and then, and whose tasks would
/// be replaced.
///
/// # Errors
/// One of them cannot run in two versions at once.
pub fn services(new: &StackSpec, serving: &StackSpec, plan: &Plan) -> Result<BTreeSet<String>, Vec<Fault>> {
    let replaced: BTreeSet<&str> = plan
        .actions
        .iter()
        .filter_map(|action| match action {
            Action::UpdateService { name, restarts: true, .. } => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let mut faults = Faults::default();
    let mut services = BTreeSet::new();
    for (full, service) in &new.services {
        let edge = |spec: &StackSpec| spec.services.get(full).is_some_and(on_edge);
        if !edge(new) || !edge(serving) || !replaced.contains(full.as_str()) {
            continue;
        }
        if let Some(why) = alone(service) {
            let short = text::short(&new.name, full).unwrap_or(full).escape_debug();
            let rule = format!(
                "cannot be: two versions of {short} would run at once, and {why}; choose `rolling` or `recreate`"
            );
            faults.add("settings.update.strategy", "one_at_a_time", rule);
        }
        if new.services.contains_key(&name(full)) {
            let rule = format!("cannot be: the file has a service that ends in `{SUFFIX}`; rename it");
            faults.add("settings.update.strategy", "name_taken", rule);
        }
        services.insert(full.clone());
    }
    faults.give(services)
}

/// Whether visitors are led to it.
#[must_use]
pub fn on_edge(service: &ServiceSpec) -> bool {
    service.labels.as_ref().is_some_and(|labels| labels.contains_key(labels::EDGE)) && !is_job(service)
}

/// Why a service cannot run in two versions at once.
fn alone(service: &ServiceSpec) -> Option<&'static str> {
    let start_first =
        service.update_config.as_ref().and_then(|update| update.order) == Some(Order::START_FIRST);
    if volumes::written(service).next().is_some() || single_writer(service) {
        Some("one alone may write to its volume")
    } else if tasks(service).is_none() {
        Some("there is one task of it on each node")
    } else if !start_first {
        Some("its old tasks stop before new ones start")
    } else {
        None
    }
}

/// What runs while the trial does: these services as they serve, a trial of each as it is wanted, and
/// all else as it is wanted.
#[must_use]
pub fn beside(serving: StackSpec, new: &StackSpec, services: &BTreeSet<String>) -> StackSpec {
    let renamed = trials(new, services, true);
    let all = renamed.services.keys().cloned().collect();
    mixed(Some(serving), renamed, &all)
}

/// What runs while the services themselves become what their trials are: all as it is wanted, and
/// the trials still.
#[must_use]
pub fn until_replaced(new: &StackSpec, services: &BTreeSet<String>) -> StackSpec {
    let renamed = trials(new, services, false);
    let all = renamed.services.keys().cloned().collect();
    mixed(Some(new.clone()), renamed, &all)
}

/// The trials of these services; with all others, or alone.
fn trials(new: &StackSpec, services: &BTreeSet<String>, others: bool) -> StackSpec {
    let mut spec = new.clone();
    let bodies = std::mem::take(&mut spec.services);
    for (full, body) in bodies {
        if !services.contains(&full) {
            if others {
                spec.services.insert(full, body);
            }
            continue;
        }
        let next = name(&full);
        if let Some(needs) = spec.after.get(&full).cloned() {
            spec.after.insert(next.clone(), needs);
        }
        if let Some(words) = spec.starts.get(&full).cloned() {
            spec.starts.insert(next.clone(), words);
        }
        spec.services.insert(next.clone(), trial(body, &full, &next));
    }
    // What waits for a service that is tried goes on with the one that serves.
    for service in services {
        spec.after.remove(service);
    }
    spec
}

fn trial(mut body: ServiceSpec, full: &str, next: &str) -> ServiceSpec {
    body.name = Some(next.to_owned());
    body.labels.get_or_insert_default().insert(labels::TRIAL.to_owned(), full.to_owned());
    for network in body.task_template.iter_mut().flat_map(|task| task.networks.iter_mut().flatten()) {
        // By its names the others find the version that serves.
        network.aliases = None;
    }
    // Two services cannot have one port.
    if let Some(endpoint) = &mut body.endpoint_spec {
        endpoint.ports = None;
    }
    body
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use super::*;
    use crate::{
        models::{
            Mount, MountType, NetworkAttachmentConfig, ServiceSpecMode, ServiceSpecModeReplicated,
            ServiceSpecUpdateConfig, TaskSpec, TaskSpecContainerSpec,
        },
        observed::Observed,
        plan::plan,
    };

    fn service(stack: &str, name: &str, image: &str, edge: bool) -> (String, ServiceSpec) {
        let full = format!("{stack}_{name}");
        let mut labels = HashMap::from([(labels::APP.to_owned(), "a".to_owned())]);
        if edge {
            labels.insert(labels::EDGE.to_owned(), "true".to_owned());
        }
        let network = NetworkAttachmentConfig {
            target: Some("net".to_owned()),
            aliases: Some(vec![name.to_owned()]),
            ..Default::default()
        };
        let container = TaskSpecContainerSpec { image: Some(image.to_owned()), ..Default::default() };
        let replicated = ServiceSpecModeReplicated { replicas: Some(2) };
        let body = ServiceSpec {
            name: Some(full.clone()),
            labels: Some(labels),
            mode: Some(ServiceSpecMode { replicated: Some(replicated), ..Default::default() }),
            update_config: Some(ServiceSpecUpdateConfig {
                order: Some(Order::START_FIRST),
                ..Default::default()
            }),
            task_template: Some(TaskSpec {
                container_spec: Some(container),
                networks: Some(vec![network]),
                ..Default::default()
            }),
            ..Default::default()
        };
        (full, body)
    }

    fn stack(image: &str) -> StackSpec {
        StackSpec {
            name: "s".to_owned(),
            services: BTreeMap::from([
                service("s", "web", image, true),
                service("s", "worker", image, false),
                service("s", "docs", "docs:1", true),
            ]),
            ..Default::default()
        }
    }

    fn observed(spec: &StackSpec) -> Observed {
        let services = spec.services.iter().map(|(name, body)| {
            let service = crate::models::Service { spec: Some(body.clone()), ..Default::default() };
            (name.clone(), service)
        });
        Observed { services: services.collect(), ..Default::default() }
    }

    fn images(spec: &StackSpec) -> Vec<String> {
        let image = |body: &ServiceSpec| {
            body.task_template.as_ref().unwrap().container_spec.as_ref().unwrap().image.clone().unwrap()
        };
        spec.services.iter().map(|(name, body)| format!("{name} {}", image(body))).collect()
    }

    #[test]
    fn only_what_visitors_are_led_to_and_changes_is_tried() {
        let (old, new) = (stack("web:1"), stack("web:2"));
        let tried = services(&new, &old, &plan(&new, &observed(&old))).unwrap();
        assert_eq!(tried, ["s_web".to_owned()].into());
        let both = beside(old.clone(), &new, &tried);
        assert_eq!(
            images(&both),
            ["s_docs docs:1", "s_web web:1", "s_web__next web:2", "s_worker web:2"],
            "the worker comes first, the service itself stays"
        );
        let next = &both.services["s_web__next"];
        assert_eq!(next.name.as_deref(), Some("s_web__next"));
        assert_eq!(next.labels.as_ref().unwrap()[labels::TRIAL], "s_web");
        let network = &next.task_template.as_ref().unwrap().networks.as_ref().unwrap()[0];
        assert_eq!(network.aliases, None);
        let replaced = until_replaced(&new, &tried);
        assert_eq!(
            images(&replaced),
            ["s_docs docs:1", "s_web web:2", "s_web__next web:2", "s_worker web:2"]
        );
    }

    #[test]
    fn nothing_is_tried_of_what_is_new_or_as_it_was() {
        let new = stack("web:1");
        assert!(services(&new, &new, &plan(&new, &observed(&new))).unwrap().is_empty());
        let nothing = StackSpec { name: "s".to_owned(), ..Default::default() };
        assert!(services(&new, &nothing, &plan(&new, &observed(&nothing))).unwrap().is_empty());
    }

    #[test]
    fn what_cannot_run_twice_is_refused_with_the_way_out() {
        let (old, mut new) = (stack("web:1"), stack("web:2"));
        let web = new.services.get_mut("s_web").unwrap();
        let mount =
            Mount { typ: Some(MountType::VOLUME), source: Some("s_data".to_owned()), ..Default::default() };
        web.task_template.as_mut().unwrap().container_spec.as_mut().unwrap().mounts = Some(vec![mount]);
        let faults = services(&new, &old, &plan(&new, &observed(&old))).unwrap_err();
        assert_eq!(faults[0].code, "one_at_a_time");
        assert!(faults[0].message.contains("`rolling`"), "{}", faults[0].message);
        let mut taken = stack("web:2");
        let (_, body) = service("s", "web__next", "x:1", false);
        taken.services.insert("s_web__next".to_owned(), body);
        let faults = services(&taken, &old, &plan(&taken, &observed(&old))).unwrap_err();
        assert_eq!(faults[0].code, "name_taken");
    }

    #[test]
    fn a_trial_is_no_services_removal() {
        let (old, new) = (stack("web:1"), stack("web:2"));
        let tried = ["s_web".to_owned()].into();
        let running = observed(&beside(old.clone(), &new, &tried));
        let removed = plan(&old, &running).actions.into_iter().filter(|a| a.kind() == "remove_service");
        assert_eq!(removed.count(), 0, "whoever settles the app leaves the trial alone");
    }
}
