//! Which ports of the nodes a stack may take.

use super::{Grants, View};
use crate::fault::Faults;

/// SSH; the edge (80, 443); the engine's API (2375, 2376), Swarm's (2377), gossip (7946) and
/// overlay (4789) ports.
const RESERVED: [u16; 8] = [22, 80, 443, 2375, 2376, 2377, 7946, 4789];

pub(super) fn check(view: &View<'_>, grants: &Grants, faults: &mut Faults) {
    let ports = view.service.endpoint_spec.as_ref().and_then(|endpoint| endpoint.ports.as_ref());
    for port in ports.into_iter().flatten() {
        let published = port.published_port.unwrap_or(0);
        let reserved = RESERVED.iter().find(|reserved| i64::from(**reserved) == published);
        faults.unless(
            reserved.is_none_or(|reserved| grants.ports.contains(reserved)),
            view.path("ports", "publish"),
            "port_reserved",
            format!("{published} is taken by the node itself, Swarm or the edge: publish another port, or use Domains for HTTP"),
        );
    }
}
