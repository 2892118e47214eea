//! A later tree over an earlier one: two files, or a service over the one that it extends.
//!
//! Maps are merged by key, lists are appended, other values are replaced; what is not so is said in
//! [`rules`](super::rules). `!override` replaces and `!reset` removes, whatever the rule.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::yaml::{Node, Value, join},
    Dialect,
    rules::{self, Rule},
    shape,
    tag::Mark,
    unique,
};
use crate::fault::{Fault, Faults};

/// How it is done, and what is found on the way.
pub(super) struct Merge<'m> {
    pub(super) dialect: Dialect,
    pub(super) faults: &'m mut Faults,
    pub(super) notes: &'m mut Faults,
}

impl Merge<'_> {
    /// Puts `over` over `base`, both of which stand at `path`.
    pub(super) fn put(&mut self, base: Node, over: Node, path: &mut Vec<String>) -> Node {
        if over.mark != Mark::Merge || base.mark == Mark::Reset {
            return over;
        }
        let keys: Vec<&str> = path.iter().map(String::as_str).collect();
        match rules::rule(&keys, self.dialect) {
            Rule::Whole => self.whole(&base, over, path),
            Rule::Value => over,
            // What is only named says nothing.
            _ if over.value == Value::Null => {
                if self.dialect == Dialect::Stack && shape::empty(&base) {
                    over
                } else {
                    base
                }
            }
            _ if base.value == Value::Null => {
                if self.dialect == Dialect::Stack && rules::stays(&base, &over, path) { base } else { over }
            }
            Rule::Usual => self.usual(base, over, path),
            Rule::Replace if self.dialect == Dialect::Stack && shape::empty(&over) => {
                self.kept(base, &over, path)
            }
            Rule::Replace => over,
            Rule::Pairs => self.shaped(base, over, path, shape::pairs),
            Rule::Hosts => self.shaped(base, over, path, shape::hosts),
            Rule::Texts => self.shaped(base, over, path, shape::texts),
            Rule::Named => self.shaped(base, over, path, shape::named),
            Rule::Build => self.shaped(base, over, path, shape::build),
            Rule::Logging if other_driver(&base, &over) => over,
            Rule::Health if over.get("disable").is_some_and(|node| node.value == Value::Bool(true)) => over,
            Rule::Logging | Rule::Health => self.usual(base, over, path),
            Rule::Unique(kind) => self.unique(base, over, path, kind),
            Rule::Subnets => self.subnets(base, over, path),
            Rule::Service => self.service(base, over, path),
            Rule::Version => self.version(base, over),
        }
    }

    fn usual(&mut self, mut base: Node, mut over: Node, path: &mut Vec<String>) -> Node {
        match (&mut base.value, &mut over.value) {
            (Value::Map(entries), Value::Map(more)) => {
                self.map(entries, std::mem::take(more), path);
                return base;
            }
            (Value::List(list), Value::List(more)) => {
                let mut items = std::mem::take(more);
                if self.dialect == Dialect::Compose {
                    let known: BTreeSet<String> = list.iter().filter_map(unique::scalar).collect();
                    items.retain(|item| unique::scalar(item).is_none_or(|text| !known.contains(&text)));
                }
                list.append(&mut items);
                return base;
            }
            _ => {}
        }
        if !is_scalar(&base) && !path.iter().any(|key| key.starts_with("x-")) {
            let what = if matches!(base.value, Value::Map(_)) { "a map" } else { "a list" };
            let message =
                format!("must be {what}, as it is {}: write it so, or tag it `!override`", at(&base));
            self.faults.0.push(Fault::new(shown(path), "merge_conflict", message).at(&over.place));
            return base;
        }
        if self.dialect == Dialect::Stack && rules::stays(&base, &over, path) {
            return self.kept(base, &over, path);
        }
        over
    }

    fn map(&mut self, entries: &mut Vec<(String, Node)>, more: Vec<(String, Node)>, path: &mut Vec<String>) {
        let mut places: BTreeMap<String, usize> =
            entries.iter().enumerate().map(|(i, (key, _))| (key.clone(), i)).collect();
        for (key, over) in more {
            if let Some(i) = places.get(&key) {
                path.push(key);
                let nothing = Node::new(Value::Null, over.place.clone());
                let base = std::mem::replace(&mut entries[*i].1, nothing);
                entries[*i].1 = self.put(base, over, path);
                path.pop();
            } else if !(self.dialect == Dialect::Stack && rules::says_nothing(&over, path)) {
                places.insert(key.clone(), entries.len());
                entries.push((key, over));
            }
        }
    }

    /// Both in one shape first, where a value may be written in several.
    fn shaped(
        &mut self,
        base: Node,
        over: Node,
        path: &mut Vec<String>,
        shape: fn(Node, Node) -> (Node, Node),
    ) -> Node {
        let (base, over) = shape(base, over);
        self.usual(base, over, path)
    }

    fn unique(&mut self, mut base: Node, mut over: Node, path: &mut Vec<String>, kind: unique::Kind) -> Node {
        let (Value::List(list), Value::List(more)) = (&mut base.value, &mut over.value) else {
            return self.usual(base, over, path);
        };
        unique::put(list, std::mem::take(more), kind, self.dialect);
        base
    }

    /// A later pool is put over the earlier one of its subnet, which keeps its place.
    fn subnets(&mut self, mut base: Node, mut over: Node, path: &mut Vec<String>) -> Node {
        let (Value::List(list), Value::List(more)) = (&mut base.value, &mut over.value) else {
            return self.usual(base, over, path);
        };
        for pool in std::mem::take(more) {
            let subnet = pool.get("subnet").and_then(unique::scalar);
            let same = |other: &&mut Node| {
                subnet.is_some() && other.get("subnet").and_then(unique::scalar) == subnet
            };
            match list.iter_mut().find(same) {
                Some(place) => {
                    let nothing = Node::new(Value::Null, pool.place.clone());
                    let earlier = std::mem::replace(place, nothing);
                    *place = self.put(earlier, pool, &mut [path.as_slice(), &["pool".to_owned()]].concat());
                }
                None => list.push(pool),
            }
        }
        base
    }

    fn service(&mut self, base: Node, over: Node, path: &mut Vec<String>) -> Node {
        let mounts = base.get("volumes").is_some();
        let named = ["configs", "secrets"].map(|key| (key, base.get(key).is_some()));
        let mut merged = self.usual(base, over, path);
        for (key, _) in named.into_iter().filter(|(_, there)| *there) {
            if let Some(Node { value: Value::List(list), .. }) = merged.get_mut(key) {
                unique::once(list);
            }
        }
        if let Some(Node { value: Value::List(list), .. }) = merged.get_mut("volumes")
            && mounts
        {
            unique::sort_mounts(list);
        }
        merged
    }

    /// `docker stack deploy` replaces networks, volumes, configs and secrets whole.
    fn whole(&mut self, base: &Node, over: Node, path: &[String]) -> Node {
        let now: BTreeSet<&str> = over.entries().iter().map(|(key, _)| key.as_str()).collect();
        let lost: Vec<&str> =
            base.entries().iter().map(|(key, _)| key.as_str()).filter(|key| !now.contains(key)).collect();
        if !lost.is_empty() {
            let message =
                format!("replaces what is {} whole, so that it has no {}", at(base), lost.join(", "));
            self.notes.0.push(Fault::new(shown(path), "merge_replaced", message).at(&over.place));
        }
        over
    }

    fn kept(&mut self, base: Node, over: &Node, path: &[String]) -> Node {
        if base != *over {
            let message =
                format!("is empty, and leaves what is {}: tag it `!override` to replace that", at(&base));
            self.notes.0.push(Fault::new(shown(path), "merge_kept", message).at(&over.place));
        }
        base
    }

    fn version(&mut self, base: Node, over: Node) -> Node {
        let newest = |node: &Node| node.text().map(|text| if text == "3" { "3.13" } else { text }.to_owned());
        if self.dialect == Dialect::Stack && newest(&base) != newest(&over) {
            let message = format!("must be the version that is {}", at(&base));
            self.faults.0.push(Fault::new("version", "version_mismatch", message).at(&over.place));
        }
        base
    }
}

fn is_scalar(node: &Node) -> bool {
    !matches!(node.value, Value::Map(_) | Value::List(_))
}

/// Options of another log driver are of no use.
fn other_driver(base: &Node, over: &Node) -> bool {
    match (base.get("driver"), over.get("driver")) {
        (Some(base), Some(over)) => base != over,
        _ => false,
    }
}

fn at(node: &Node) -> String {
    format!("in {}, line {}", node.place.file.escape_debug(), node.place.line)
}

/// `services.web.ports`
fn shown(path: &[String]) -> String {
    path.iter().fold(String::new(), |path, key| join(&path, key))
}

/// Takes the tags out, and what they remove.
pub(super) fn settle(node: &mut Node) {
    node.mark = Mark::Merge;
    match &mut node.value {
        Value::Map(entries) => {
            entries.retain(|(_, node)| node.mark != Mark::Reset);
            entries.iter_mut().for_each(|(_, node)| settle(node));
        }
        Value::List(list) => list.iter_mut().for_each(settle),
        _ => {}
    }
}
