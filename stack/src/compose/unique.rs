//! Lists in which nothing may be there twice, as the docker CLI and the specification demand it of
//! ports, labels, networks and their like.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    read::At,
    yaml::{Node, Value},
};
use crate::fault::Faults;

impl<'n> At<'n> {
    /// The items of a list in which nothing may be there twice.
    pub(super) fn unique_list(&self, faults: &mut Faults) -> Vec<At<'n>> {
        let list = self.list(faults);
        let mut seen = BTreeSet::new();
        for item in &list {
            let mut shape = String::new();
            spell(item.node, &mut shape);
            // What several files add up to may be there twice.
            if !seen.insert((shape, &item.node.place.file)) {
                item.fault("duplicate", "is there twice: remove one of them", faults);
            }
        }
        list
    }
}

/// A value as text that is the same for equal ones, whatever the order of keys.
fn spell(node: &Node, out: &mut String) {
    match &node.value {
        Value::Null => out.push('~'),
        Value::Bool(set) => out.push_str(if *set { "true" } else { "false" }),
        Value::Int(number) => out.push_str(&number.to_string()),
        Value::Float(number) => out.push_str(number),
        Value::Text(text) => {
            out.push('"');
            out.push_str(text);
            out.push('"');
        }
        Value::List(list) => {
            for item in list {
                out.push('-');
                spell(item, out);
            }
        }
        Value::Map(map) => {
            let sorted: BTreeMap<&str, &Node> = map.iter().map(|(key, node)| (key.as_str(), node)).collect();
            for (key, node) in sorted {
                out.push('{');
                out.push_str(key);
                out.push(':');
                spell(node, out);
            }
            out.push('}');
        }
    }
}
