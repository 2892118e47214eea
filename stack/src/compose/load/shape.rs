//! Values that may be written as a map, a list or a text, brought into one shape to be merged. What
//! has none of its shapes stays as it is, for whoever reads it to refuse.

use std::collections::BTreeMap;

use super::super::yaml::{Node, Value};
use crate::fault::Place;

/// Whether it says nothing: no text, no items, false, zero.
pub(super) fn empty(node: &Node) -> bool {
    match &node.value {
        Value::Null | Value::Bool(false) | Value::Int(0) => true,
        Value::Text(text) => text.is_empty(),
        Value::Float(text) => matches!(text.as_str(), "0" | "-0"),
        Value::List(list) => list.is_empty(),
        _ => false,
    }
}

/// `KEY=value` items as a map; the last one of a key counts.
pub(super) fn pairs(base: Node, over: Node) -> (Node, Node) {
    (to_pairs(base), to_pairs(over))
}

/// The same, for one node.
pub(super) fn to_pairs(node: Node) -> Node {
    to_map(node, |text, place| match text.split_once('=') {
        Some((key, value)) => (key.to_owned(), Node::new(Value::Text(value.to_owned()), place)),
        None => (text.to_owned(), Node::new(Value::Null, place)),
    })
}

/// Names as a map of nothing, unless both are lists.
pub(super) fn named(base: Node, over: Node) -> (Node, Node) {
    let lists = |node: &Node| matches!(node.value, Value::List(_));
    if lists(&base) && lists(&over) {
        return (base, over);
    }
    let name = |text: &str, place| (text.to_owned(), Node::new(Value::Null, place));
    (to_map(base, name), to_map(over, name))
}

/// A text as a list of one.
pub(super) fn texts(base: Node, over: Node) -> (Node, Node) {
    (to_list(base), to_list(over))
}

/// The same, for one node.
pub(super) fn to_list(node: Node) -> Node {
    match node.value {
        Value::Text(_) | Value::Map(_) => {
            let place = node.place.clone();
            Node::new(Value::List(vec![node]), place)
        }
        _ => node,
    }
}

/// `name: ip` as `name=ip`, sorted, as a name may have several addresses.
pub(super) fn hosts(base: Node, over: Node) -> (Node, Node) {
    let list = |node: Node| {
        let Value::Map(entries) = node.value else { return node };
        let item = |name: &str, ip: &Node| {
            let text = ip.text().map(|ip| format!("{name}={ip}"));
            Node { value: text.map_or_else(|| ip.value.clone(), Value::Text), ..ip.clone() }
        };
        let several = |(name, ips): &(String, Node)| match &ips.value {
            Value::List(list) => list.iter().map(|ip| item(name, ip)).collect(),
            Value::Null => Vec::new(),
            _ => vec![item(name, ips)],
        };
        let mut items: Vec<Node> = entries.iter().flat_map(several).collect();
        items.sort_by(|a, b| a.text().cmp(&b.text()));
        Node::new(Value::List(items), node.place)
    };
    (list(base), list(over))
}

/// A text as a map with a context.
pub(super) fn build(base: Node, over: Node) -> (Node, Node) {
    let map = |node: Node| {
        if node.text().is_none() {
            return node;
        }
        let place = node.place.clone();
        Node::new(Value::Map(vec![("context".to_owned(), node)]), place)
    };
    (map(base), map(over))
}

fn to_map(node: Node, item: impl Fn(&str, Place) -> (String, Node)) -> Node {
    let Value::List(list) = &node.value else { return node };
    if list.iter().any(|item| item.text().is_none()) {
        return node;
    }
    let mut entries: Vec<(String, Node)> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for text in list {
        let (key, value) = item(text.text().unwrap_or_default(), text.place.clone());
        match places.get(&key) {
            Some(i) => entries[*i].1 = value,
            None => {
                places.insert(key.clone(), entries.len());
                entries.push((key, value));
            }
        }
    }
    Node { value: Value::Map(entries), ..node }
}
