//! What a stack needs of the cluster that it comes to, checked before the first write: nodes that meet
//! its constraints, ports that nobody else publishes, addresses that nobody else has.
//!
//! To add a need: what it looks at in [`Cluster`], and a check in [`check`].

use std::{collections::BTreeMap, net::IpAddr};

use bollard_stubs::models::{EndpointPortConfigPublishModeEnum, ServiceSpec};

use crate::{
    fault::{Fault, Faults},
    reserved,
    spec::StackSpec,
    text, volumes,
};

/// The cluster without the stack itself. What is empty is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cluster {
    /// Its nodes, also those that are away.
    pub nodes: Vec<Node>,
    /// Ports that services publish.
    pub ports: Vec<Port>,
    /// Ranges of addresses, by the network or setting that has them, as CIDR (RFC 4632, RFC 4291).
    pub subnets: Vec<(String, String)>,
}

impl Cluster {
    /// Nothing is known of it.
    pub const UNKNOWN: Self = Self { nodes: Vec::new(), ports: Vec::new(), subnets: Vec::new() };
}

/// A node, as constraints see it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Node {
    /// Its id.
    pub id: String,
    /// Its host name.
    pub hostname: String,
    /// `manager` or `worker`.
    pub role: String,
    /// Its address.
    pub address: String,
    /// Its labels, not those of its engine.
    pub labels: BTreeMap<String, String>,
}

/// A published port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Its number.
    pub number: i64,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
    /// Published by the routing mesh, and so on all nodes.
    pub mesh: bool,
}

/// The ports that a service publishes; those that Swarm chooses itself are not known.
pub fn published(service: &ServiceSpec) -> impl Iterator<Item = Port> {
    let ports = service.endpoint_spec.iter().flat_map(|endpoint| endpoint.ports.iter().flatten());
    ports.filter_map(|port| {
        Some(Port {
            number: port.published_port.filter(|number| *number != 0)?,
            protocol: port.protocol.map_or_else(|| "tcp".to_owned(), |protocol| protocol.to_string()),
            mesh: port.publish_mode != Some(EndpointPortConfigPublishModeEnum::HOST),
        })
    })
}

/// Whether a node meets the service's constraints, as Swarm compares them; none if they ask for what
/// is not known of it.
#[must_use]
pub fn meets(service: &ServiceSpec, node: &Node) -> Option<bool> {
    let placement = service.task_template.as_ref().and_then(|task| task.placement.as_ref());
    for written in placement.iter().flat_map(|placement| placement.constraints.iter().flatten()) {
        let (key, same, value) = text::constraint(written)?;
        let lower = key.to_ascii_lowercase();
        let found = match lower.as_str() {
            "node.id" => node.id.as_str(),
            "node.hostname" => &node.hostname,
            "node.role" => &node.role,
            _ => {
                let label = key.get("node.labels.".len()..).filter(|_| lower.starts_with("node.labels."))?;
                node.labels.get(label).map_or("", String::as_str)
            }
        };
        if found.eq_ignore_ascii_case(value) != same {
            return Some(false);
        }
    }
    Some(true)
}

/// What the cluster cannot give.
#[must_use]
pub fn check(spec: &StackSpec, cluster: &Cluster) -> Vec<Fault> {
    let mut faults = Faults::default();
    for (name, service) in &spec.services {
        let place = |settings: &str, file: &str| {
            if *name == spec.name {
                format!("settings.{settings}")
            } else {
                format!("services.{}.{file}", text::short(&spec.name, name).unwrap_or(name).escape_debug())
            }
        };
        nodes(service, cluster, &place("placement.constraints", "deploy.placement.constraints"), &mut faults);
        for port in published(service) {
            // Tasks of two services may have one port of two nodes, but the mesh is on all of them.
            let taken = |other: &&Port| {
                (other.number, &other.protocol) == (port.number, &port.protocol)
                    && (other.mesh || port.mesh || cluster.nodes.len() == 1)
            };
            if cluster.ports.iter().any(|other| taken(&other)) {
                let rule = format!(
                    "{} is published by another stack of this swarm already: publish another port, or leave it out and \
                     add a domain",
                    port.number
                );
                faults.add(place("publish", "ports"), "port_taken", rule);
            }
        }
    }
    for (name, network) in &spec.networks {
        let pools = network.ipam.iter().flat_map(|ipam| ipam.config.iter().flatten());
        for subnet in pools.filter_map(|pool| pool.subnet.as_deref()) {
            if let Some(whose) = holder(subnet, cluster) {
                let short = text::short(&spec.name, name).unwrap_or(name);
                let rule = format!("{subnet} holds {whose}: choose a range that nothing else uses");
                faults.add(format!("networks.{}.ipam", short.escape_debug()), "address_taken", rule);
            }
        }
    }
    faults.0
}

fn nodes(service: &ServiceSpec, cluster: &Cluster, place: &str, faults: &mut Faults) {
    let none = |node: &Node| meets(service, node) == Some(false);
    if cluster.nodes.is_empty() || !cluster.nodes.iter().all(none) {
        return;
    }
    let placement = service.task_template.as_ref().and_then(|task| task.placement.as_ref());
    let all: Vec<&String> =
        placement.iter().flat_map(|placement| placement.constraints.iter().flatten()).collect();
    let gone = |constraint: &&&String| {
        volumes::pinned(constraint).is_some_and(|id| cluster.nodes.iter().all(|node| node.id != id))
    };
    let rule = match all.iter().find(gone) {
        Some(pin) => format!(
            "the node that its data is pinned to has left the swarm (`{pin}`): bring it back, or remove the volume with \
             the app"
        ),
        None if all.iter().any(|constraint| reserved::concerns(constraint)) => {
            let pin = all.iter().find_map(|constraint| volumes::pinned(constraint));
            match cluster.nodes.iter().find(|node| pin == Some(node.id.as_str())) {
                Some(node) => format!(
                    "its data or image is on node {}, where this environment may not run any more: have that node \
                     reserved for it, too, or shared again, or remove the volume with the app",
                    node.hostname.escape_debug()
                ),
                None => format!(
                    "no node that this environment may run on meets {}: correct them, or have such a node reserved for it",
                    told(&all)
                ),
            }
        }
        None => format!(
            "no node of this swarm meets {}: correct them, or give a node the label (`docker node update --label-add`)",
            told(&all)
        ),
    };
    faults.add(place, "no_node", rule);
}

/// Constraints of which people know: not those about nodes of environments.
fn told(all: &[&String]) -> String {
    let known = all.iter().filter(|constraint| !reserved::concerns(constraint));
    let known: Vec<String> = known.map(|constraint| format!("`{constraint}`")).collect();
    if known.is_empty() { "what it asks for".to_owned() } else { known.join(" and ") }
}

/// Whose addresses lie in a range.
fn holder(subnet: &str, cluster: &Cluster) -> Option<String> {
    let range = range(subnet)?;
    let network = cluster.subnets.iter().find(|(_, other)| {
        self::range(other).is_some_and(|other| other.0 == range.0 && other.1 <= range.2 && range.1 <= other.2)
    });
    let node = cluster.nodes.iter().find(|node| {
        let address = node.address.parse().map(number);
        address.is_ok_and(|(v6, at)| v6 == range.0 && range.1 <= at && at <= range.2)
    });
    match (node, network) {
        (Some(_), _) => Some("the address of a node".to_owned()),
        (None, Some((name, other))) => Some(format!("addresses of `{}` ({other})", name.escape_debug())),
        (None, None) => None,
    }
}

/// Whether it is of IPv6, the first and the last address.
fn range(cidr: &str) -> Option<(bool, u128, u128)> {
    let (address, bits) = cidr.split_once('/')?;
    let (v6, at) = number(address.parse().ok()?);
    let free = if v6 { 128_u32 } else { 32 }.checked_sub(bits.parse().ok()?)?;
    let hosts = 1_u128.checked_shl(free).map_or(u128::MAX, |count| count - 1);
    Some((v6, at & !hosts, at | hosts))
}

fn number(address: IpAddr) -> (bool, u128) {
    match address {
        IpAddr::V4(address) => (false, u128::from(u32::from(address))),
        IpAddr::V6(address) => (true, u128::from(address)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn node(id: &str, role: &str, disk: &str) -> Node {
        Node {
            id: id.to_owned(),
            hostname: format!("host-{id}"),
            role: role.to_owned(),
            address: format!("192.0.2.{}", id.len()),
            labels: BTreeMap::from([("disk".to_owned(), disk.to_owned())]),
        }
    }

    fn cluster() -> Cluster {
        let port = |number, mesh| Port { number, protocol: "tcp".to_owned(), mesh };
        Cluster {
            nodes: vec![node("a", "manager", "ssd"), node("bb", "worker", "hdd")],
            ports: vec![port(8080, true), port(9090, false)],
            subnets: vec![
                ("ingress".to_owned(), "10.0.0.0/24".to_owned()),
                ("six".to_owned(), "fd00:1::/64".to_owned()),
            ],
        }
    }

    fn found(service: Value, network: Value, cluster: &Cluster) -> Vec<(String, String)> {
        let spec = StackSpec {
            name: "shop".to_owned(),
            services: BTreeMap::from([("shop_web".to_owned(), serde_json::from_value(service).unwrap())]),
            networks: BTreeMap::from([("shop_back".to_owned(), serde_json::from_value(network).unwrap())]),
            ..StackSpec::default()
        };
        check(&spec, cluster).into_iter().map(|fault| (fault.path, fault.message)).collect()
    }

    fn constrained(constraints: &[&str], cluster: &Cluster) -> Vec<(String, String)> {
        let service = json!({"TaskTemplate": {"Placement": {"Constraints": constraints}}});
        found(service, json!({"Name": "shop_back"}), cluster)
    }

    #[test]
    fn constraints_that_no_node_meets() {
        for good in [
            &["node.role == worker", "node.labels.disk==HDD"][..],
            &["node.role!=worker"],
            &["node.hostname == host-bb"],
            &["node.labels.zone != x"],
            // Only Swarm knows.
            &["node.platform.os == plan9"],
            &["engine.labels.x == y"],
            &[],
        ] {
            assert_eq!(constrained(good, &cluster()), [], "{good:?}");
        }
        for bad in [
            &["node.role == worker", "node.labels.disk == ssd"][..],
            &["node.labels.zone == x"],
            &["node.hostname == host"],
            &["node.role == x"],
        ] {
            let faults = constrained(bad, &cluster());
            assert_eq!(faults.len(), 1, "{bad:?}");
            assert_eq!(faults[0].0, "services.web.deploy.placement.constraints");
            assert!(faults[0].1.contains(&format!("`{}`", bad[0])), "{faults:?}");
            assert_eq!(constrained(bad, &Cluster::default()), [], "where the nodes are not known");
        }
        let gone = constrained(&["node.labels.disk == ssd", "node.id==old"], &cluster());
        assert!(gone[0].1.contains("has left the swarm (`node.id==old`)"), "{gone:?}");
    }

    #[test]
    fn ports_that_somebody_publishes() {
        let with = |number: i64, mode: &str, protocol: &str, cluster: &Cluster| {
            let port =
                json!({"TargetPort": 80, "PublishedPort": number, "PublishMode": mode, "Protocol": protocol});
            found(json!({"EndpointSpec": {"Ports": [port]}}), json!({"Name": "shop_back"}), cluster).len()
        };
        let two = cluster();
        let mut one = cluster();
        one.nodes.truncate(1);
        for (number, mode, protocol, on_two, on_one) in [
            (8080, "ingress", "tcp", 1, 1),
            (8080, "host", "tcp", 1, 1),
            (8080, "ingress", "udp", 0, 0),
            (9090, "ingress", "tcp", 1, 1),
            (9090, "host", "tcp", 0, 1),
            (0, "ingress", "tcp", 0, 0),
            (8081, "ingress", "tcp", 0, 0),
        ] {
            let seen = (with(number, mode, protocol, &two), with(number, mode, protocol, &one));
            assert_eq!(seen, (on_two, on_one), "{number} {mode} {protocol}");
        }
    }

    #[test]
    fn addresses_that_somebody_has() {
        let with = |subnet: &str| {
            let network = json!({"Name": "shop_back", "IPAM": {"Config": [{"Subnet": subnet}]}});
            found(json!({}), network, &cluster()).pop().map(|(path, message)| {
                assert_eq!(path, "networks.back.ipam");
                message
            })
        };
        for (subnet, whose) in [
            ("10.0.0.128/25", "`ingress`"),
            ("10.0.0.0/8", "`ingress`"),
            ("0.0.0.0/0", "a node"),
            ("192.0.2.0/30", "a node"),
            ("fd00::/16", "`six`"),
            ("fd00:1::5/128", "`six`"),
            ("::/0", "`six`"),
        ] {
            assert!(
                with(subnet).is_some_and(|message| message.contains(whose)),
                "{subnet}: {:?}",
                with(subnet)
            );
        }
        for free in ["10.0.1.0/24", "192.0.2.8/29", "fd00:2::/64", "172.20.0.0/16"] {
            assert_eq!(with(free), None, "{free}");
        }
    }
}
