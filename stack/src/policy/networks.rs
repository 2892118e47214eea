//! Which networks a stack may make and join.

use super::{Grants, View};
use crate::{fault::Faults, spec::StackSpec, text};

/// Docker's own networks and ours that no app may be in.
const RESERVED: [&str; 8] =
    ["ingress", "docker_gwbridge", "host", "bridge", "none", "default", "nat", "skep-control"];
/// Options of overlay networks that only change how packets travel.
const OPTIONS: [&str; 2] = ["encrypted", "com.docker.network.driver.mtu"];

pub(super) fn check(spec: &StackSpec, grants: &Grants, faults: &mut Faults) {
    for (name, network) in &spec.networks {
        let path = format!("networks.{}", text::short(&spec.name, name).unwrap_or(name));
        let overlay = network.driver.as_deref().is_none_or(|driver| driver.is_empty() || driver == "overlay")
            && network.scope.as_deref().is_none_or(|scope| scope.is_empty() || scope == "swarm");
        faults.unless(overlay, format!("{path}.driver"), "network_driver", "must be `overlay`");
        let special = network.ingress == Some(true)
            || network.config_only == Some(true)
            || network.config_from.is_some();
        faults.unless(!special, path.as_str(), "network_reserved", "must be an ordinary overlay network");
        for key in network.options.iter().flat_map(|options| options.keys()) {
            faults.unless(
                OPTIONS.contains(&key.as_str()),
                format!("{path}.driver_opts"),
                "network_options",
                format!("`{}` is not allowed", key.escape_debug()),
            );
        }
        let ipam = network.ipam.as_ref().and_then(|ipam| ipam.driver.as_deref()).unwrap_or_default();
        faults.unless(
            matches!(ipam, "" | "default"),
            format!("{path}.ipam.driver"),
            "network_driver",
            "must be `default`",
        );
    }
    for (name, service) in &spec.services {
        let view = View::new(spec, name, service);
        let inner = view.task().and_then(|task| task.networks.as_ref());
        for network in inner.into_iter().chain(service.networks.as_ref()).flatten() {
            let target = network.target.as_deref().unwrap_or_default();
            join(&view, target, grants, faults);
            for key in network.driver_opts.iter().flat_map(|options| options.keys()) {
                faults.add(
                    view.path("networks", "networks"),
                    "network_options",
                    format!("`{}` is not allowed", key.escape_debug()),
                );
            }
        }
    }
}

fn join(view: &View<'_>, target: &str, grants: &Grants, faults: &mut Faults) {
    let path = view.path("networks", "networks");
    if RESERVED.contains(&target) || target.starts_with("container:") {
        faults.unless(
            target == "host" && grants.host_network,
            path,
            "network_reserved",
            "is reserved: apps meet on their environment's network",
        );
        return;
    }
    let further = |own: &String| target.strip_prefix(own.as_str()).is_some_and(|rest| rest.starts_with('-'));
    let allowed = view.stack.networks.contains_key(target)
        || grants.networks.contains(target)
        || grants.inherited.networks.contains(target)
        || grants.networks.iter().any(further);
    faults.unless(allowed, path, "network_reserved", "is not a network of this environment");
}
