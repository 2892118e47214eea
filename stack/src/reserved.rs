//! Nodes that belong to one environment: its apps run on them alone, and apps of others do not.
//!
//! The node's own label is the only record, so that Swarm itself keeps to it. What a node without the
//! label has is nothing: `!=` matches it, and it is shared by all environments without nodes.

use std::collections::{BTreeMap, BTreeSet};

use crate::{cluster::Node, spec::StackSpec, text};

/// The label of a node: the id of its environment.
pub const LABEL: &str = "skep.environment";
/// The same as constraints have it.
const KEY: &str = "node.labels.skep.environment";

/// Whether a constraint is about that label, in whatever case: nobody but Skep writes one.
#[must_use]
pub fn concerns(constraint: &str) -> bool {
    text::constraint(constraint).is_some_and(|(key, ..)| key.eq_ignore_ascii_case(KEY))
}

/// The environment that a node belongs to; none if it is shared, or if the label was written by hand
/// and no constraint can hold it.
#[must_use]
pub fn owner(labels: &BTreeMap<String, String>) -> Option<&str> {
    let value = labels.get(LABEL)?;
    text::constraint(&format!("{KEY}=={value}")).is_some().then_some(value)
}

/// What keeps services of an environment on its nodes, if it has any, and off those of others.
#[must_use]
pub fn constraints(nodes: &[Node], environment: &str) -> Vec<String> {
    let owners: BTreeSet<&str> = nodes.iter().filter_map(|node| owner(&node.labels)).collect();
    if owners.contains(environment) {
        return vec![format!("{KEY}=={environment}")];
    }
    owners.into_iter().map(|other| format!("{KEY}!={other}")).collect()
}

/// Puts these in place of those that the services had.
pub fn place(spec: &mut StackSpec, constraints: &[String]) {
    for service in spec.services.values_mut() {
        let task = service.task_template.get_or_insert_default();
        let had = task.placement.as_mut().and_then(|placement| placement.constraints.take());
        let mut all: Vec<String> = had.into_iter().flatten().collect();
        all.retain(|constraint| !concerns(constraint));
        all.extend(constraints.iter().cloned());
        if !all.is_empty() {
            task.placement.get_or_insert_default().constraints = Some(all);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: &str, label: Option<&str>) -> Node {
        let labels = label.map(|value| (LABEL.to_owned(), value.to_owned()));
        Node { id: id.to_owned(), labels: labels.into_iter().collect(), ..Node::default() }
    }

    #[test]
    fn an_environment_with_nodes_stays_on_them_and_others_stay_off() {
        let nodes =
            [node("n1", Some("e1")), node("n2", Some("e1")), node("n3", Some("e2")), node("n4", None)];
        assert_eq!(constraints(&nodes, "e1"), ["node.labels.skep.environment==e1"]);
        assert_eq!(
            constraints(&nodes, "e3"),
            ["node.labels.skep.environment!=e1", "node.labels.skep.environment!=e2"]
        );
        assert!(constraints(&nodes[3..], "e1").is_empty(), "what is shared asks for nothing");
        let odd = [node("n1", Some("a*b")), node("n2", Some(""))];
        assert!(constraints(&odd, "e1").is_empty(), "Swarm would refuse such a constraint");
    }

    #[test]
    fn they_take_the_place_of_older_ones_and_of_no_other() {
        let service = serde_json::json!({"TaskTemplate": {"Placement": {"Constraints": [
            "node.labels.disk==ssd", "node.labels.skep.environment!=e9", "NODE.LABELS.skep.environment == e8"
        ]}}});
        let mut spec = StackSpec::default();
        spec.services.insert("web".into(), serde_json::from_value(service).unwrap());
        spec.services.insert("free".into(), serde_json::from_value(serde_json::json!({})).unwrap());
        let of = |spec: &StackSpec, name: &str| {
            let task = spec.services[name].task_template.clone().unwrap();
            task.placement.and_then(|placement| placement.constraints).unwrap_or_default()
        };
        place(&mut spec, &["node.labels.skep.environment==e1".to_owned()]);
        assert_eq!(of(&spec, "web"), ["node.labels.disk==ssd", "node.labels.skep.environment==e1"]);
        assert_eq!(of(&spec, "free"), ["node.labels.skep.environment==e1"]);
        place(&mut spec, &[]);
        assert_eq!(of(&spec, "web"), ["node.labels.disk==ssd"]);
        assert!(of(&spec, "free").is_empty());
    }
}
