//! Lists whose items have a key each: a later item replaces the earlier ones of its key (Compose
//! specification, merge, unique resources). One file alone may have as many as it likes.
//!
//! To add a list: a [`Kind`], its key in [`key`], and its path in [`rules`](super::rules).

use std::collections::BTreeSet;

use super::{
    super::yaml::{Node, Value},
    Dialect,
};

/// What the items are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Port,
    Mount,
    Config,
    Secret,
    Device,
}

/// The later list over the earlier one.
pub(super) fn put(list: &mut Vec<Node>, mut more: Vec<Node>, kind: Kind, dialect: Dialect) {
    let keys: BTreeSet<String> = more.iter().filter_map(|item| key(item, kind, dialect)).collect();
    list.retain(|item| key(item, kind, dialect).is_none_or(|key| !keys.contains(&key)));
    list.append(&mut more);
}

/// Leaves one of references that say the same, as `docker stack deploy` does with those of a service
/// that several files have. Several targets of one source stay, which it loses.
pub(super) fn once(list: &mut Vec<Node>) {
    let mut seen = BTreeSet::new();
    let both = |item: &Node| {
        let field = |name: &str| item.get(name).and_then(scalar);
        let source = scalar(item).or_else(|| field("source"))?;
        let target = field("target").filter(|target| !target.is_empty());
        Some((target.unwrap_or_else(|| source.clone()), source))
    };
    list.reverse();
    list.retain(|item| both(item).is_none_or(|both| seen.insert(both)));
    list.reverse();
}

/// `docker stack deploy` sorts the mounts of a service that several files have.
pub(super) fn sort_mounts(list: &mut [Node]) {
    list.sort_by_cached_key(|item| key(item, Kind::Mount, Dialect::Stack));
}

/// The key of an item; none if it has none, so that it is like no other.
fn key(item: &Node, kind: Kind, dialect: Dialect) -> Option<String> {
    let field = |name: &str| item.get(name).and_then(scalar);
    let short = scalar(item);
    match kind {
        Kind::Port => port(item, dialect),
        Kind::Mount => short.map_or_else(|| field("target"), |text| Some(mounted(&text))),
        Kind::Config | Kind::Secret if dialect == Dialect::Stack => short.or_else(|| field("source")),
        Kind::Config => {
            short.or_else(|| field("target").or_else(|| field("source"))).map(|target| rooted("/", &target))
        }
        Kind::Secret => short
            .or_else(|| field("target").or_else(|| field("source")))
            .map(|target| rooted("/run/secrets/", &target)),
        Kind::Device => match short {
            Some(text) => Some(text.split(':').nth(1).unwrap_or(&text).to_owned()),
            None => field("target").or_else(|| field("source")),
        },
    }
}

fn rooted(folder: &str, target: &str) -> String {
    if target.starts_with('/') { target.to_owned() } else { format!("{folder}{target}") }
}

/// The target of `[SOURCE:]TARGET[:OPTIONS]`.
fn mounted(text: &str) -> String {
    let mut parts: Vec<&str> = text.split(':').collect();
    // `C:\data:/data` begins with a drive, not with a name.
    if parts.len() > 2 && parts[0].len() == 1 && parts[1].starts_with('\\') {
        parts.remove(0);
    }
    parts.get(1).or(parts.first()).map_or_else(String::new, |target| (*target).to_owned())
}

/// Address, published port, target and protocol; for `docker stack deploy`, which knows no
/// addresses, what is published and the protocol.
fn port(item: &Node, dialect: Dialect) -> Option<String> {
    let field = |name: &str| item.get(name).and_then(scalar);
    let (ip, published, target, protocol) = if let Some(text) = scalar(item) {
        let (rest, protocol) =
            text.rsplit_once('/').map_or((text.as_str(), "tcp"), |(rest, protocol)| (rest, protocol));
        let (rest, target) = rest.rsplit_once(':').map_or(("", rest), |(rest, target)| (rest, target));
        let (ip, published) = rest.rsplit_once(':').unwrap_or(("", rest));
        (ip.trim_matches(['[', ']']).to_owned(), published.to_owned(), target.to_owned(), protocol.to_owned())
    } else {
        let protocol = field("protocol").unwrap_or_else(|| "tcp".to_owned());
        let (ip, published) = (field("host_ip").unwrap_or_default(), field("published").unwrap_or_default());
        (ip, published, field("target")?, protocol)
    };
    let protocol = protocol.to_ascii_lowercase();
    Some(match dialect {
        Dialect::Stack if published.is_empty() => format!("{target}/{protocol}"),
        Dialect::Stack => format!("{published}:/{protocol}"),
        Dialect::Compose => {
            let ip = if ip == "0.0.0.0" { "" } else { ip.as_str() };
            format!("{ip}:{published}:{target}/{protocol}")
        }
    })
}

/// A text or a whole number, as text.
pub(super) fn scalar(node: &Node) -> Option<String> {
    match &node.value {
        Value::Text(text) => Some(text.clone()),
        Value::Int(number) => Some(number.to_string()),
        _ => None,
    }
}
