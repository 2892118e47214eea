//! Plays the engine for tests: what it shows of a spec that it was given.

use std::collections::BTreeMap;

use bollard_stubs::models::{
    Config, Network, ObjectVersion, Secret, Service, ServiceSpec, TaskSpecContainerSpecDnsConfig,
    TaskSpecContainerSpecIsolationEnum, TaskSpecContainerSpecPrivileges,
};

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
            .keys()
            .map(|n| (n.clone(), Network { id: id(n), ..Default::default() }))
            .collect(),
        secrets: spec
            .secrets
            .keys()
            .map(|n| (n.clone(), Secret { id: id(n), ..Default::default() }))
            .collect(),
        configs: spec
            .configs
            .keys()
            .map(|n| (n.clone(), Config { id: id(n), ..Default::default() }))
            .collect(),
        services: spec.services.iter().map(service).collect(),
        network_names,
    }
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
        container.dns_config = Some(TaskSpecContainerSpecDnsConfig::default());
        container.privileges = Some(TaskSpecContainerSpecPrivileges::default());
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
