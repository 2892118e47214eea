//! Plays the engine for tests: what it shows of a spec that it was given.

use std::collections::BTreeMap;

use bollard_stubs::models::{
    Config, Network, ObjectVersion, Secret, Service, ServiceSpec, TaskSpecContainerSpecIsolationEnum,
};

use super::{Action, plan};
use crate::{observed::Observed, spec::StackSpec};

/// What an engine does with a spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Habits {
    /// It knows `StartInterval` (25 and newer).
    pub(crate) start_interval: bool,
    /// The client reads `Healthcheck` (else it is lost on the way).
    pub(crate) health: bool,
    /// It shows empty blocks that were not sent.
    pub(crate) empty_blocks: bool,
}

/// Engine 20.10 seen by a client that loses the health check.
pub(crate) const OLD: Habits = Habits { start_interval: false, health: false, empty_blocks: true };
/// A newer engine seen by a client that reads all.
pub(crate) const NEW: Habits = Habits { start_interval: true, health: true, empty_blocks: false };

/// What runs after a stack was applied to an empty cluster.
pub(crate) fn stored(spec: &StackSpec, habits: Habits) -> Observed {
    let id = |name: &str| Some(format!("id-{name}"));
    let mut network_names = BTreeMap::new();
    for name in spec.external_networks().iter().chain(spec.networks.keys()) {
        network_names.insert(format!("net-{name}"), name.clone());
    }
    let service = |(name, body): (&String, &ServiceSpec)| {
        let service = Service {
            id: id(name),
            version: Some(ObjectVersion { index: Some(42) }),
            spec: Some(service(body.clone(), habits)),
            ..Default::default()
        };
        (name.clone(), service)
    };
    Observed {
        networks: spec
            .networks
            .iter()
            .map(|(n, body)| {
                (n.clone(), Network { id: id(n), labels: body.labels.clone(), ..Default::default() })
            })
            .collect(),
        secrets: spec
            .secrets
            .iter()
            .map(|(n, body)| {
                (n.clone(), Secret { id: id(n), spec: Some(body.clone()), ..Default::default() })
            })
            .collect(),
        configs: spec
            .configs
            .iter()
            .map(|(n, body)| {
                (n.clone(), Config { id: id(n), spec: Some(body.clone()), ..Default::default() })
            })
            .collect(),
        services: spec.services.iter().map(service).collect(),
        network_names,
    }
}

/// What runs after the plan to a stack was done on a cluster.
pub(crate) fn applied(before: &Observed, wanted: &StackSpec, habits: Habits) -> Observed {
    let mut after = before.clone();
    let id = |name: &str| Some(format!("id-{name}"));
    for name in wanted.external_networks().iter().chain(wanted.networks.keys()) {
        after.network_names.insert(format!("net-{name}"), name.clone());
    }
    let put = |after: &mut Observed, name: String, mut body: ServiceSpec| {
        // What the plan copies from a running task names networks by id.
        for network in body.task_template.iter_mut().flat_map(|task| task.networks.iter_mut().flatten()) {
            let target = network.target.take().unwrap_or_default();
            network.target = Some(after.network_names.get(&target).unwrap_or(&target).clone());
        }
        let spec = Some(service(body, habits));
        let version = Some(ObjectVersion { index: Some(42) });
        after.services.insert(name.clone(), Service { id: id(&name), version, spec, ..Default::default() });
    };
    for action in plan(wanted, before).actions {
        match action {
            Action::CreateNetwork { name, body } => {
                let network = Network { id: id(&name), labels: body.labels, ..Default::default() };
                after.networks.insert(name, network);
            }
            Action::CreateSecret { name, body } => {
                let secret = Secret { id: id(&name), spec: Some(*body), ..Default::default() };
                after.secrets.insert(name, secret);
            }
            Action::CreateConfig { name, body } => {
                let config = Config { id: id(&name), spec: Some(*body), ..Default::default() };
                after.configs.insert(name, config);
            }
            Action::CreateService { name, body } | Action::UpdateService { name, body, .. } => {
                put(&mut after, name, *body);
            }
            Action::RemoveService { name, .. } => drop(after.services.remove(&name)),
            Action::RemoveNetwork { name, .. } => drop(after.networks.remove(&name)),
            Action::RemoveConfig { name, .. } => drop(after.configs.remove(&name)),
            Action::RemoveSecret { name, .. } => drop(after.secrets.remove(&name)),
        }
    }
    after
}

fn service(mut spec: ServiceSpec, habits: Habits) -> ServiceSpec {
    let task = spec.task_template.get_or_insert_default();
    task.force_update = Some(0);
    task.runtime = Some("container".to_owned());
    for network in task.networks.iter_mut().flatten() {
        network.target = network.target.as_ref().map(|name| format!("net-{name}"));
    }
    if let Some(restart) = &mut task.restart_policy {
        restart.max_attempts.get_or_insert(0);
    }
    if habits.empty_blocks {
        task.placement.get_or_insert_default();
        let resources = task.resources.get_or_insert_default();
        resources.limits.get_or_insert_default();
        resources.reservations.get_or_insert_default();
    }
    let container = task.container_spec.get_or_insert_default();
    container.isolation = Some(TaskSpecContainerSpecIsolationEnum::DEFAULT);
    if habits.empty_blocks {
        container.dns_config.get_or_insert_default();
        container.privileges.get_or_insert_default();
    }
    if !habits.health {
        container.health_check = None;
    }
    if let (false, Some(health)) = (habits.start_interval, &mut container.health_check) {
        health.start_interval = None;
    }
    for config in container.configs.iter_mut().flatten() {
        config.config_id = config.config_name.as_ref().map(|name| format!("id-{name}"));
    }
    for secret in container.secrets.iter_mut().flatten() {
        secret.secret_id = secret.secret_name.as_ref().map(|name| format!("id-{name}"));
    }
    for mount in container.mounts.iter_mut().flatten() {
        mount.consistency = Some("default".to_owned());
    }
    spec.endpoint_spec.get_or_insert_default();
    spec
}
