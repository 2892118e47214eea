//! On which nodes new volumes come to be. Chosen before anything runs: a task that Swarm moved before
//! the next deployment would find nothing, and services that share a volume would each have their own.
//!
//! What runs already stays where it is ([`super::inherited`]), and what is left open here is Swarm's to
//! choose: services of many tasks, volumes of a driver, constraints that only Swarm can read.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};
use skep_stack::{
    cluster,
    models::{Mount, ServiceSpec},
    spec::StackSpec,
    volumes,
};

use crate::swarm::Node;

/// Services and the volumes that they share, over others too.
#[derive(Default)]
struct Group<'s> {
    services: BTreeSet<&'s str>,
    volumes: BTreeSet<&'s str>,
}

/// The node of each service with volumes, by its full name. `runs`: whether there is such a service.
///
/// The nodes of a stack take turns; beyond that chance decides, but always the same: what a plan shows
/// is what is done.
pub(super) fn choose(
    stack: &StackSpec,
    nodes: &[Node],
    runs: impl Fn(&str) -> bool,
) -> BTreeMap<String, String> {
    let mut chosen = BTreeMap::new();
    let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
    for group in groups(stack) {
        let services: Vec<&ServiceSpec> = group.services.iter().map(|name| &stack.services[*name]).collect();
        if group.services.iter().any(|name| runs(name)) || !services.iter().all(|service| one_place(service))
        {
            continue;
        }
        let able = nodes.iter().filter(|node| {
            node.state == "ready"
                && node.availability == "active"
                && services.iter().all(|service| fits(service, node) == Some(true))
        });
        let chance = |node: &Node| {
            let words = serde_json::json!([stack.name, group.services, node.id]).to_string();
            Sha256::digest(words)
        };
        let best =
            able.min_by_key(|node| (taken.get(node.id.as_str()).copied().unwrap_or_default(), chance(node)));
        if let Some(node) = best {
            *taken.entry(&node.id).or_default() += 1;
            chosen.extend(group.services.iter().map(|name| ((*name).to_owned(), node.id.clone())));
        }
    }
    chosen
}

/// Services with volumes, together with those that they share one with.
fn groups(stack: &StackSpec) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for (name, service) in &stack.services {
        if volumes::of(service).next().is_none() {
            continue;
        }
        let mut own = Group { services: [name.as_str()].into(), ..Group::default() };
        own.volumes.extend(volumes::of(service).filter_map(|volume| volume.source.as_deref()));
        let (shared, apart): (Vec<_>, Vec<_>) =
            groups.into_iter().partition(|group| !group.volumes.is_disjoint(&own.volumes));
        for group in shared {
            own.services.extend(group.services);
            own.volumes.extend(group.volumes);
        }
        groups = apart;
        groups.push(own);
    }
    groups
}

/// Whether all that it mounts is of one node: one task, and volumes that no driver keeps.
fn one_place(service: &ServiceSpec) -> bool {
    let kept = |mount: &Mount| mount.volume_options.as_ref().is_some_and(|o| o.driver_config.is_some());
    let mode = service.mode.as_ref();
    let one = mode.is_none_or(|mode| {
        let tasks = mode.replicated.as_ref().and_then(|replicated| replicated.replicas);
        mode.global.is_none() && mode.global_job.is_none() && tasks.is_none_or(|tasks| tasks <= 1)
    });
    one && !volumes::of(service).any(kept)
}

/// Whether a node meets the service's constraints and has room for what it reserves; none if that
/// cannot be told here.
fn fits(service: &ServiceSpec, node: &Node) -> Option<bool> {
    if !cluster::meets(service, &node.into())? {
        return Some(false);
    }
    let task = service.task_template.as_ref();
    let reserved = task.and_then(|task| task.resources.as_ref()?.reservations.as_ref());
    let within = |wanted: Option<i64>, there: i64| wanted.is_none_or(|wanted| wanted <= there);
    Some(reserved.is_none_or(|reserved| {
        within(reserved.memory_bytes, node.memory)
            && within(reserved.nano_cpus, node.cpus.saturating_mul(1_000_000_000))
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn node(id: &str, change: Value) -> Node {
        let mut node = json!({
            "id": id, "hostname": format!("host-{id}"), "role": "worker", "state": "ready",
            "availability": "active", "leader": false, "address": "", "engine": "", "cpus": 2,
            "memory": 4096, "labels": {"disk": "ssd"},
        });
        for (key, value) in change.as_object().into_iter().flatten() {
            node[key.as_str()] = value.clone();
        }
        serde_json::from_value(node).unwrap()
    }

    fn service(volumes: &[&str], change: Value) -> ServiceSpec {
        let mounts: Vec<_> =
            volumes.iter().map(|name| json!({"Type": "volume", "Source": name, "Target": "/x"})).collect();
        let mut task = json!({"ContainerSpec": {"Mounts": mounts}});
        for (key, value) in change.as_object().into_iter().flatten() {
            task[key.as_str()] = value.clone();
        }
        serde_json::from_value(json!({"TaskTemplate": task, "Mode": change.get("Mode")})).unwrap()
    }

    fn stack<const N: usize>(services: [(&str, ServiceSpec); N]) -> StackSpec {
        let services = services.into_iter().map(|(name, service)| (name.to_owned(), service)).collect();
        StackSpec { name: "shop".to_owned(), services, ..StackSpec::default() }
    }

    fn three() -> Vec<Node> {
        ["a", "b", "c"].map(|id| node(id, json!({}))).to_vec()
    }

    #[test]
    fn who_shares_a_volume_is_together_and_the_others_are_spread() {
        let plain = json!({});
        let spec = stack([
            ("shop_web", service(&["files"], plain.clone())),
            ("shop_work", service(&["files", "tmp"], plain.clone())),
            ("shop_late", service(&["tmp"], plain.clone())),
            ("shop_db", service(&["db"], plain.clone())),
            ("shop_q", service(&["q"], plain.clone())),
            ("shop_free", service(&[], plain)),
        ]);
        let homes = choose(&spec, &three(), |_| false);
        assert_eq!((&homes["shop_web"], &homes["shop_web"]), (&homes["shop_work"], &homes["shop_late"]));
        let apart: BTreeSet<_> = ["shop_web", "shop_db", "shop_q"].map(|name| &homes[name]).into();
        assert_eq!((apart.len(), homes.contains_key("shop_free")), (3, false));
        let mut turned = three();
        turned.reverse();
        assert_eq!(choose(&spec, &turned, |_| false), homes, "the order of the nodes is nothing");
        let rest = choose(&spec, &three(), |name| name == "shop_late");
        assert_eq!(rest.keys().collect::<Vec<_>>(), ["shop_db", "shop_q"], "what runs keeps its group");
        let stacks: BTreeSet<String> = (0..20)
            .map(|i| {
                let spec = StackSpec { name: format!("s{i}"), ..spec.clone() };
                choose(&spec, &three(), |_| false)["shop_db"].clone()
            })
            .collect();
        assert_eq!(stacks.len(), 3, "not all stacks come to one node");
    }

    #[test]
    fn a_node_that_cannot_take_it_is_not_chosen_and_what_swarm_alone_can_read_is_its_own_choice() {
        let only_b = |spec: Value, a: Value, c: Value| {
            let nodes = [node("a", a), node("b", json!({"role": "Manager"})), node("c", c)];
            choose(&stack([("shop_db", service(&["db"], spec))]), &nodes, |_| false).remove("shop_db")
        };
        let place = |constraint: &str| json!({"Placement": {"Constraints": [constraint]}});
        let (down, drained) = (json!({"state": "down"}), json!({"availability": "drain"}));
        assert_eq!(only_b(json!({}), down.clone(), drained).as_deref(), Some("b"));
        for constraint in [
            "node.id == b",
            "node.hostname==HOST-B",
            "node.role==manager",
            "node.role!=worker",
            "node.labels.disk!=hdd",
        ] {
            let hdd = json!({"labels": {"disk": "hdd"}, "role": "worker"});
            let found = only_b(place(constraint), hdd.clone(), hdd);
            assert_eq!(found.as_deref(), Some("b"), "{constraint}");
        }
        let small = json!({"memory": 100});
        let reserved = json!({"Resources": {"Reservations": {"MemoryBytes": 200}}});
        assert_eq!(only_b(reserved, small.clone(), small).as_deref(), Some("b"));
        for open in [
            place("node.platform.os == linux"),
            place("engine.labels.x == y"),
            place("node.labels.zone == moon"),
            json!({"Mode": {"Global": {}}}),
            json!({"Mode": {"Replicated": {"Replicas": 2}}}),
        ] {
            assert_eq!(only_b(open.clone(), json!({}), json!({})), None, "{open}");
        }
        let driver = json!({"ContainerSpec": {"Mounts": [{"Type": "volume", "Source": "n", "Target": "/x",
            "VolumeOptions": {"DriverConfig": {"Name": "local", "Options": {"type": "nfs"}}}}]}});
        assert_eq!(only_b(driver, json!({}), json!({})), None);
    }
}
