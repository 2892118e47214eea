//! What is not merged as usual, by its path (Compose specification, merge; and `docker stack
//! deploy` where a caller follows that).
//!
//! To add a rule: an arm in [`rule`] or [`service`], and its doing in [`merge`](super::merge).

use super::{
    super::yaml::{Node, Value},
    Dialect, shape,
    tag::Mark,
    unique::Kind,
};
use crate::units;

/// How a later value is put over an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// Maps by key, lists appended, others replaced.
    Usual,
    /// The later one.
    Replace,
    /// The later one, even if it is nothing: then it is looked up elsewhere.
    Value,
    /// The later one, and it is noted what the earlier one had beside.
    Whole,
    /// `KEY: value` or a list of `KEY=value`: by key.
    Pairs,
    /// `name: ip` or a list of `name:ip`, where a name may have several.
    Hosts,
    /// A text or a list of texts: appended.
    Texts,
    /// A map of names or a list of them: by name.
    Named,
    /// A text is the context.
    Build,
    /// By key, unless the driver is another.
    Logging,
    /// By key, unless the later one turns it off.
    Health,
    /// A list whose items have a key each.
    Unique(Kind),
    /// Maps by their subnets.
    Subnets,
    /// By key; its mounts are sorted, and what it lists twice is there once.
    Service,
    /// Must be the same everywhere for `docker stack deploy`.
    Version,
}

/// The rule for the value at this path.
pub(super) fn rule(path: &[&str], dialect: Dialect) -> Rule {
    match path {
        ["version"] => Rule::Version,
        ["services", _] if dialect == Dialect::Stack => Rule::Service,
        ["services", _, inner @ ..] => service(inner, dialect),
        ["networks" | "volumes" | "configs" | "secrets", _] if dialect == Dialect::Stack => Rule::Whole,
        ["networks", _, "ipam", "config"] => Rule::Subnets,
        ["networks" | "volumes" | "configs" | "secrets", _, "labels"] => Rule::Pairs,
        _ => Rule::Usual,
    }
}

fn service(path: &[&str], dialect: Dialect) -> Rule {
    match path {
        ["command" | "entrypoint" | "extends"] | ["healthcheck", "test"] | ["ulimits", _] => Rule::Replace,
        ["environment" | "labels" | "annotations" | "sysctls"]
        | ["build", "args" | "labels" | "additional_contexts"]
        | ["deploy", "labels"] => Rule::Pairs,
        ["environment", _] | ["build", "args", _] if dialect == Dialect::Compose => Rule::Value,
        ["extra_hosts"] | ["build", "extra_hosts"] => Rule::Hosts,
        ["dns" | "dns_opt" | "dns_search" | "tmpfs" | "env_file" | "label_file"] => Rule::Texts,
        ["depends_on" | "networks" | "models"] => Rule::Named,
        ["networks", _, "aliases"] if dialect == Dialect::Stack => Rule::Replace,
        ["build"] => Rule::Build,
        ["logging"] => Rule::Logging,
        ["healthcheck"] => Rule::Health,
        ["ports"] => Rule::Unique(Kind::Port),
        ["volumes"] => Rule::Unique(Kind::Mount),
        ["configs"] => Rule::Unique(Kind::Config),
        ["secrets"] => Rule::Unique(Kind::Secret),
        ["devices"] => Rule::Unique(Kind::Device),
        _ => Rule::Usual,
    }
}

/// Numbers of which the docker CLI knows "not given" apart from zero.
const COUNTED: [&str; 4] = ["replicas", "parallelism", "max_attempts", "retries"];
/// Times, of which "0s" is as good as nothing to it.
const TIMES: [&str; 8] = [
    "stop_grace_period",
    "interval",
    "timeout",
    "start_period",
    "start_interval",
    "delay",
    "monitor",
    "window",
];
/// Maps of texts, in which an empty one counts.
const TEXTS: [&str; 5] = ["labels", "sysctls", "options", "driver_opts", "annotations"];

/// Whether an empty list of a later file adds nothing to a service that has no such key: alone,
/// `dns: []` would say something.
pub(super) fn says_nothing(over: &Node, path: &[String]) -> bool {
    over.mark == Mark::Merge
        && matches!(&over.value, Value::List(list) if list.is_empty())
        && matches!(path, [section, _] if section == "services")
}

/// Whether a later value is one that `docker stack deploy` takes for none, so that the earlier one
/// stays.
pub(super) fn stays(base: &Node, over: &Node, path: &[String]) -> bool {
    let key = path.last().map_or("", String::as_str);
    if path.len() > 1 && TEXTS.contains(&path[path.len() - 2].as_str()) {
        return false;
    }
    let is = |node: &Node, word: [&str; 4]| {
        node.text().is_some_and(|text| node.substituted && word.contains(&text.to_ascii_lowercase().as_str()))
    };
    let on = base.value == Value::Bool(true) || is(base, ["true", "yes", "y", "on"]);
    match (&base.value, &over.value) {
        (_, Value::Int(0)) => !COUNTED.contains(&key),
        (_, Value::Text(_)) if on && is(over, ["false", "no", "n", "off"]) => true,
        (_, Value::Text(text)) if TIMES.contains(&key) => units::duration(text) == Some(0),
        _ => shape::empty(over),
    }
}
