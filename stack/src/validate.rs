//! What the engine would refuse, found before the first write: names, sizes, duplicates, cycles.
//!
//! All faults at once, with the paths of a Compose file (or of the settings, for the one service of
//! an app). To add a check: a function here or in a file of its kind, called from [`check`], with
//! the engine's own refusal named beside it.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bollard_stubs::models::{
    EndpointPortConfig, EndpointPortConfigPublishModeEnum, EndpointSpecModeEnum, ServiceSpec,
    TaskSpecResources,
};

use crate::{
    fault::{Fault, Faults},
    spec::StackSpec,
    text,
    units::MIB,
};

/// Services of a stack that is only converted, and not Skep's own. The docker CLI knows no bound; it
/// would ask the engine for each one by one.
pub(crate) const PLAIN_SERVICES_MAX: usize = 1000;
/// Services of a stack of Skep's.
pub(crate) const SERVICES_MAX: usize = 100;
/// Tasks of a service.
const REPLICAS_MAX: i64 = 1000;
/// The engine refuses names of configs and secrets that are longer.
const OBJECT_NAME_MAX: usize = 64;
/// The engine refuses configs of this many bytes and more.
const CONFIG_MAX: usize = 1000 * 1024;
/// The engine refuses secrets of this many bytes and more.
const SECRET_MAX: usize = 500 * 1024;

/// Everything in the spec that the engine would refuse, or that could never work.
#[must_use]
pub fn check(spec: &StackSpec) -> Vec<Fault> {
    let mut faults = Faults::default();
    faults.unless(
        stack_name(&spec.name),
        "name",
        "invalid_name",
        "must be 1 to 40 lower-case letters, digits and hyphens, starting with a letter",
    );
    faults.unless(!spec.services.is_empty(), "services", "required", "must have at least one service");
    faults.unless(
        spec.services.len() <= SERVICES_MAX,
        "services",
        "too_many",
        "must be at most 100 services",
    );
    for name in spec.networks.keys() {
        faults.unless(
            text::object(name) && name.len() <= text::NAME_MAX,
            path("networks", spec, name),
            "invalid_name",
            "must, with the stack's name, have at most 63 letters, digits, `.`, `_` and `-`",
        );
    }
    for (name, body) in &spec.configs {
        object(&path("configs", spec, name), name, body.data.as_deref(), CONFIG_MAX, &mut faults);
    }
    for (name, body) in spec.secrets.iter().filter(|(_, body)| body.driver.is_none()) {
        object(&path("secrets", spec, name), name, body.data.as_deref(), SECRET_MAX, &mut faults);
    }
    for (name, body) in &spec.services {
        let at = if *name == spec.name { "settings".to_owned() } else { path("services", spec, name) };
        service(&at, name, body, &mut faults);
    }
    ports(spec, &mut faults);
    order(spec, &mut faults);
    faults.0
}

/// A stack's name: no `_`, which separates it from the names of its objects.
fn stack_name(name: &str) -> bool {
    (1..=40).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// `services.web` for `shop_web`.
fn path(kind: &str, spec: &StackSpec, name: &str) -> String {
    let short = text::short(&spec.name, name).unwrap_or(name);
    format!("{kind}.{}", short.escape_debug())
}

fn object(path: &str, name: &str, data: Option<&str>, most: usize, faults: &mut Faults) {
    faults.unless(
        text::object(name) && name.len() <= OBJECT_NAME_MAX,
        path,
        "invalid_name",
        "must, with the stack's name, have at most 64 letters, digits, `.`, `_` and `-`",
    );
    let size = STANDARD.decode(data.unwrap_or_default()).map(|bytes| bytes.len());
    faults.unless(
        size.is_ok_and(|size| (1..most).contains(&size)),
        path,
        "too_long",
        format!("must not be empty, and be smaller than {} KiB, which is what Swarm takes", most / 1024),
    );
}

fn service(path: &str, name: &str, spec: &ServiceSpec, faults: &mut Faults) {
    faults.unless(
        text::name(name),
        path,
        "invalid_name",
        "must, with the stack's name, have at most 63 letters, digits, `_` and `-`",
    );
    let replicas =
        spec.mode.as_ref().and_then(|mode| mode.replicated.as_ref()).and_then(|mode| mode.replicas);
    let deploy = if path == "settings" { path.to_owned() } else { format!("{path}.deploy") };
    faults.unless(
        (0..=REPLICAS_MAX).contains(&replicas.unwrap_or(1)),
        format!("{deploy}.replicas"),
        "quota",
        "must be from 0 to 1000",
    );
    let Some(task) = &spec.task_template else { return };
    if let Some(resources) = &task.resources {
        limits(&deploy, resources, faults);
    }
    let Some(container) = &task.container_spec else { return };
    faults.unless(
        container.image.as_deref().is_some_and(text::image),
        format!("{path}.image"),
        "invalid_image",
        "must be an image reference like `ghcr.io/team/app:1.2` or `name@sha256:…`",
    );
    let mut seen = BTreeSet::new();
    let mounts = container.mounts.iter().flatten().filter_map(|mount| mount.target.as_deref());
    let configs =
        container.configs.iter().flatten().filter_map(|config| config.file.as_ref()?.name.as_deref());
    for target in mounts.chain(configs) {
        faults.unless(
            text::target(target),
            format!("{path}.mounts"),
            "invalid_path",
            "must be mounted at an absolute path without `..`",
        );
        faults.unless(
            seen.insert(target.trim_end_matches('/').to_owned()),
            format!("{path}.mounts"),
            "duplicate_target",
            format!("`{}` is mounted twice", target.escape_debug()),
        );
    }
    for variable in container.env.iter().flatten() {
        let key = variable.split('=').next().unwrap_or_default();
        faults.unless(
            !key.is_empty() && !variable.contains('\0') && variable.len() < text::ARGUMENT_MAX,
            format!("{path}.environment"),
            "invalid_value",
            "must have keys, no NUL characters, and be shorter than 128 KiB each",
        );
    }
}

fn limits(path: &str, resources: &TaskSpecResources, faults: &mut Faults) {
    let (limits, reserved) = (resources.limits.as_ref(), resources.reservations.as_ref());
    for memory in
        [limits.and_then(|l| l.memory_bytes), reserved.and_then(|r| r.memory_bytes)].into_iter().flatten()
    {
        faults.unless(
            memory == 0 || memory >= 4 * MIB,
            format!("{path}.resources.memory"),
            "out_of_range",
            "must be at least 4m",
        );
    }
    for cpus in [limits.and_then(|l| l.nano_cpus), reserved.and_then(|r| r.nano_cpus)].into_iter().flatten() {
        faults.unless(
            cpus == 0 || cpus >= 1_000_000,
            format!("{path}.resources.cpus"),
            "out_of_range",
            "must be at least 0.001",
        );
    }
}

/// A port is published once; the routing mesh needs a VIP.
fn ports(spec: &StackSpec, faults: &mut Faults) {
    let mut seen: BTreeMap<_, (bool, &str)> = BTreeMap::new();
    for (name, service) in &spec.services {
        let Some(endpoint) = &service.endpoint_spec else { continue };
        let at = if *name == spec.name {
            "settings.publish".to_owned()
        } else {
            format!("{}.ports", path("services", spec, name))
        };
        for port in endpoint.ports.iter().flatten() {
            let mesh = port.publish_mode != Some(EndpointPortConfigPublishModeEnum::HOST);
            faults.unless(
                !mesh || endpoint.mode != Some(EndpointSpecModeEnum::DNSRR),
                at.as_str(),
                "ingress_unavailable",
                "cannot be published by the routing mesh, as the service answers by task addresses: use the mode `host`",
            );
            let in_range = |port: Option<i64>, least: i64| (least..=65535).contains(&port.unwrap_or(0));
            faults.unless(
                in_range(port.target_port, 1) && in_range(port.published_port, 0),
                at.as_str(),
                "out_of_range",
                "ports must be from 1 to 65535",
            );
            let Some(published) = port.published_port.filter(|published| *published != 0) else { continue };
            let key = (published, port.protocol);
            // Tasks of two services may bind one port of two nodes, but the mesh is on all nodes.
            let clash = seen
                .get(&key)
                .is_some_and(|(other_mesh, other)| mesh || *other_mesh || *other == name.as_str());
            faults.unless(!clash, at.as_str(), "duplicate_port", format!("{published} is published twice"));
            seen.insert(key, (mesh, name));
        }
    }
}

/// Services whose tasks can never all have the port of the node that each is to publish, on so many
/// nodes (0: it is not known).
#[must_use]
pub fn room(spec: &StackSpec, nodes: u64) -> Vec<Fault> {
    let mut faults = Faults::default();
    for (name, service) in spec.services.iter().filter(|_| nodes > 0) {
        let replicated = service.mode.as_ref().and_then(|mode| mode.replicated.as_ref());
        let replicas = replicated.and_then(|mode| mode.replicas).unwrap_or(1).unsigned_abs();
        let ports = service.endpoint_spec.iter().flat_map(|endpoint| endpoint.ports.iter().flatten());
        let host = |port: &&EndpointPortConfig| {
            port.publish_mode == Some(EndpointPortConfigPublishModeEnum::HOST)
                && port.published_port.is_some_and(|port| port != 0)
        };
        if let (Some(port), true) = (ports.into_iter().find(host), replicas > nodes && replicated.is_some()) {
            let published = port.published_port.unwrap_or_default();
            let at = if *name == spec.name {
                "settings.replicas".to_owned()
            } else {
                format!("{}.deploy.replicas", path("services", spec, name))
            };
            let rule = format!(
                "is {replicas}, and each task needs port {published} of a node of its own, of which there {}: ask for fewer, or leave the port out and add a domain",
                if nodes == 1 { "is 1".to_owned() } else { format!("are {nodes}") }
            );
            faults.add(at, "port_taken", rule);
        }
    }
    faults.0
}

/// Services can be started one after the other.
fn order(spec: &StackSpec, faults: &mut Faults) {
    for (name, needs) in &spec.after {
        for need in needs.keys().filter(|need| !spec.services.contains_key(*need)) {
            faults.add(
                format!("{}.depends_on", path("services", spec, name)),
                "unknown_service",
                format!("names `{}`, which is no service of this stack", need.escape_debug()),
            );
        }
    }
    let mut left: BTreeSet<&String> = spec.services.keys().collect();
    loop {
        let waits = |name: &&String| spec.needs(name).any(|(need, _)| left.contains(need));
        let rest: BTreeSet<&String> = left.iter().copied().filter(waits).collect();
        if rest.len() == left.len() {
            break;
        }
        left = rest;
    }
    for name in left {
        faults.add(
            format!("{}.depends_on", path("services", spec, name)),
            "dependency_cycle",
            "waits, by way of others, for itself",
        );
    }
}

#[cfg(test)]
mod tests;
