//! The comparison of a whole stack.

use std::collections::{BTreeMap, HashMap};

use bollard_stubs::models::{Network, Service, ServiceSpec, TaskSpec};
use serde_json::Value;

use super::{Action, Plan, diff::diff, normal::normal, order::order, restart::marked};
use crate::{labels, observed::Observed, spec::StackSpec};

/// Compares what is wanted with what runs. Unchanged input gives an empty plan on every engine,
/// although each stores its own defaults.
///
/// First what services need (networks, secrets, configs), then services, each after those that it
/// needs, and removals last. Whoever does the plan waits for the conditions of `after` between.
/// What others made is never removed, and configs and secrets not here: see
/// [`collect`](super::collect). A network that is there is left alone: Swarm cannot change one.
/// References to configs and secrets carry names; whoever sends a body fills in their ids.
#[must_use]
pub fn plan(desired: &StackSpec, observed: &Observed) -> Plan {
    let marked = marked(desired);
    let desired = &*marked;
    let mut actions = Vec::new();
    for (name, body) in missing(&desired.networks, &observed.networks) {
        actions.push(Action::CreateNetwork { name: name.clone(), body: Box::new(body.clone()) });
    }
    for (name, body) in missing(&desired.secrets, &observed.secrets) {
        actions.push(Action::CreateSecret { name: name.clone(), body: Box::new(body.clone()) });
    }
    for (name, body) in missing(&desired.configs, &observed.configs) {
        actions.push(Action::CreateConfig { name: name.clone(), body: Box::new(body.clone()) });
    }
    for name in order(desired) {
        let wanted = &desired.services[name];
        match observed.services.get(name) {
            Some(running) => actions.extend(change(name, wanted, running, &observed.network_names)),
            None => {
                actions.push(Action::CreateService { name: name.clone(), body: Box::new(wanted.clone()) })
            }
        }
    }
    let ours = |(_, service): &(&String, &Service)| {
        let labels = service.spec.as_ref().and_then(|spec| spec.labels.as_ref());
        // A trial is ended by the deployment that made it.
        owned(labels) && !labels.is_some_and(|labels| labels.contains_key(labels::TRIAL))
    };
    for (name, service) in missing(&observed.services, &desired.services).filter(ours) {
        actions
            .push(Action::RemoveService { name: name.clone(), id: service.id.clone().unwrap_or_default() });
    }
    let ours = |(_, network): &(&String, &Network)| owned(network.labels.as_ref());
    for (name, network) in missing(&observed.networks, &desired.networks).filter(ours) {
        actions
            .push(Action::RemoveNetwork { name: name.clone(), id: network.id.clone().unwrap_or_default() });
    }
    Plan { actions }
}

/// What is in `some` and not in `others`.
fn missing<'m, A, B>(
    some: &'m BTreeMap<String, A>,
    others: &'m BTreeMap<String, B>,
) -> impl Iterator<Item = (&'m String, &'m A)> {
    some.iter().filter(|(name, _)| !others.contains_key(*name))
}

/// Whether an object is an app's: what the docker CLI made beside it is not ours to remove.
pub(super) fn owned(labels: Option<&HashMap<String, String>>) -> bool {
    labels.is_some_and(|labels| labels.contains_key(labels::APP))
}

/// From what runs to what is wanted of one service; nothing if they are alike.
fn change(
    name: &str,
    wanted: &ServiceSpec,
    running: &Service,
    networks: &BTreeMap<String, String>,
) -> Vec<Action> {
    let id = running.id.clone().unwrap_or_default();
    let nothing = ServiceSpec::default();
    let spec = running.spec.as_ref().unwrap_or(&nothing);
    let (mut new, mut old) = (normal(wanted, networks), normal(spec, networks));
    health_by_label(&mut new, &mut old);
    let changes = diff(&old, &new);
    if changes.is_empty() {
        return Vec::new();
    }
    if kind(&old) != kind(&new) {
        // Swarm refuses to make a replicated service a global one, or a job.
        return vec![
            Action::RemoveService { name: name.to_owned(), id },
            Action::CreateService { name: name.to_owned(), body: Box::new(wanted.clone()) },
        ];
    }
    let same_placement = placement(&old) == placement(&new);
    let same_task = without_placement(&mut old) == without_placement(&mut new);
    let same_endpoint = old.get("EndpointSpec") == new.get("EndpointSpec");
    let mut body = wanted.clone();
    if same_task {
        body.task_template = as_it_runs(wanted.task_template.as_ref(), spec.task_template.as_ref());
        if let (true, Some(task), Some(running)) =
            (same_placement, &mut body.task_template, &spec.task_template)
        {
            // It may hold platforms that a client found out: without them tasks would not be current.
            task.placement.clone_from(&running.placement);
        }
    } else if let (Some(task), Some(force)) = (&mut body.task_template, force_update(spec)) {
        task.force_update = Some(force);
    }
    if same_endpoint {
        body.endpoint_spec.clone_from(&spec.endpoint_spec);
    }
    vec![Action::UpdateService {
        name: name.to_owned(),
        id,
        version: running.version.as_ref().and_then(|version| version.index).unwrap_or_default(),
        body: Box::new(body),
        changes,
        // A job runs again after any change, be it of a label.
        restarts: !(same_task && same_endpoint) || kind(&new).is_some_and(|kind| kind.ends_with("Job")),
    }]
}

/// A client that does not see the running health check (see [`labels::HEALTH`]) knows it by its
/// fingerprint, which is no difference by itself.
fn health_by_label(new: &mut Value, old: &mut Value) {
    const HEALTH: &str = "/TaskTemplate/ContainerSpec/HealthCheck";
    let take = |spec: &mut Value| spec.get_mut("Labels")?.as_object_mut()?.remove(labels::HEALTH);
    let (wanted, running) = (take(new), take(old));
    if let (true, None, Some(health)) =
        (wanted.is_some() && wanted == running, old.pointer(HEALTH), new.pointer(HEALTH))
        && let Some(Value::Object(container)) = old.pointer_mut("/TaskTemplate/ContainerSpec")
    {
        container.insert("HealthCheck".to_owned(), health.clone());
    }
}

/// `Replicated`, `Global`, `ReplicatedJob` or `GlobalJob`.
fn kind(spec: &Value) -> Option<&String> {
    spec.get("Mode")?.as_object()?.keys().next()
}

fn placement(spec: &Value) -> Option<&Value> {
    spec.pointer("/TaskTemplate/Placement")
}

/// The task's part that replaces tasks when it changes. A changed placement alone moves only tasks
/// whose node no longer fits.
fn without_placement(spec: &mut Value) -> Value {
    let mut task = spec.get_mut("TaskTemplate").map(Value::take).unwrap_or_default();
    if let Some(task) = task.as_object_mut() {
        task.remove("Placement");
    }
    task
}

/// The running task's spec to the letter, so that the engine sees no difference and replaces no
/// task; but placement as wanted, and the health check, which a client may not see.
fn as_it_runs(wanted: Option<&TaskSpec>, running: Option<&TaskSpec>) -> Option<TaskSpec> {
    let mut task = running?.clone();
    let wanted = wanted?;
    task.placement.clone_from(&wanted.placement);
    if let (Some(container), Some(wanted)) = (&mut task.container_spec, &wanted.container_spec) {
        container.health_check.clone_from(&wanted.health_check);
    }
    Some(task)
}

fn force_update(spec: &ServiceSpec) -> Option<u64> {
    spec.task_template.as_ref()?.force_update.filter(|force| *force != 0)
}

#[cfg(test)]
#[path = "make_tests.rs"]
mod tests;
