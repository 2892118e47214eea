//! What runs in the container: the simple keys of a service.
//!
//! To carry a key: its field in [`convert`], and a function if it has a form of its own.

use std::collections::{BTreeSet, HashMap};

use bollard_stubs::models::{
    ResourcesUlimits, TaskSpecContainerSpec, TaskSpecContainerSpecIsolationEnum as Isolation,
    TaskSpecContainerSpecPrivileges, TaskSpecLogDriver,
};
use serde_json::json;

use super::{
    convert::Build,
    declared::labels,
    environment, hosts,
    read::{At, Fields},
    words,
    yaml::Value,
};
use crate::{fault::Faults, labels::NAMESPACE};

/// Everything of the container but its image, health, mounts and files.
pub(super) fn convert(name: &str, fields: &Fields<'_>, build: &mut Build<'_>) -> TaskSpecContainerSpec {
    let env = environment::convert(fields, build);
    let isolation = isolation(name, fields, build);
    let mut all_labels = labels(fields.get("labels"), &mut build.faults);
    all_labels.insert(NAMESPACE.to_owned(), build.context.stack.to_owned());
    let faults = &mut build.faults;
    let own = |key: &str, faults: &mut Faults| {
        let text = fields.get(key).and_then(|at| at.text(faults));
        text.filter(|text| !text.is_empty()).map(ToOwned::to_owned)
    };
    let set = |key: &str, faults: &mut Faults| fields.get(key).and_then(|at| at.bool(faults));
    let list = |key: &str, faults: &mut Faults| {
        fields.get(key).map(|at| at.unique_texts(faults)).unwrap_or_default()
    };
    let (add, drop) = capabilities(&list("cap_add", faults), &list("cap_drop", faults));
    TaskSpecContainerSpec {
        command: command(fields, "entrypoint", faults),
        args: command(fields, "command", faults),
        env,
        labels: Some(all_labels),
        hostname: own("hostname", faults),
        user: own("user", faults),
        dir: own("working_dir", faults),
        groups: fields.get("group_add").map(|at| groups(at, faults)).filter(|all| !all.is_empty()),
        privileges: Some(TaskSpecContainerSpecPrivileges::default()),
        tty: set("tty", faults).filter(|set| *set),
        open_stdin: set("stdin_open", faults).filter(|set| *set),
        read_only: set("read_only", faults).filter(|set| *set),
        init: set("init", faults),
        stop_signal: own("stop_signal", faults),
        stop_grace_period: fields.get("stop_grace_period").and_then(|at| at.duration(faults)),
        hosts: hosts::convert(fields, faults),
        dns_config: hosts::dns(fields, faults),
        isolation,
        sysctls: sysctls(fields, faults),
        capability_add: (!add.is_empty()).then_some(add),
        capability_drop: (!drop.is_empty()).then_some(drop),
        ulimits: ulimits(fields, faults),
        ..Default::default()
    }
}

/// A list of words, or a text that is split as a shell would.
fn command(fields: &Fields<'_>, key: &str, faults: &mut Faults) -> Option<Vec<String>> {
    let at = fields.get(key)?;
    let words = match &at.node.value {
        Value::Text(text) => words::split(text).or_else(|| {
            at.fault("invalid_command", "has a quote or a backslash without its end", faults);
            None
        })?,
        _ => at.texts(faults),
    };
    if words.iter().any(|word| word.contains('\0')) {
        at.fault("invalid_value", "must not hold a NUL character", faults);
    }
    (!words.is_empty()).then_some(words)
}

/// Numbers or names.
fn groups(at: &At<'_>, faults: &mut Faults) -> Vec<String> {
    at.unique_list(faults).iter().filter_map(|item| item.loose_text(faults)).collect()
}

fn isolation(name: &str, fields: &Fields<'_>, build: &mut Build<'_>) -> Option<Isolation> {
    let at = fields.get("isolation")?;
    let text = at.text(&mut build.faults)?;
    let known = text.parse().ok().filter(|_| !text.is_empty());
    if known.is_none() && !text.is_empty() {
        let pointer = "/TaskTemplate/ContainerSpec/Isolation";
        build.raw(name, pointer, json!(text), at, "must be `default`, `process` or `hyperv`");
    }
    known
}

fn sysctls(fields: &Fields<'_>, faults: &mut Faults) -> Option<HashMap<String, String>> {
    let pairs = fields.get("sysctls")?.pairs(faults);
    Some(pairs.into_iter().map(|(key, value, _)| (key, value.unwrap_or_default())).collect())
}

/// What is added and dropped, as the engine writes it: upper case, with `CAP_`, each once, sorted.
/// `ALL` stands for all others, and what is added is not dropped.
fn capabilities(add: &[String], drop: &[String]) -> (Vec<String>, Vec<String>) {
    let full = |name: &String| {
        let upper = name.trim().to_ascii_uppercase();
        if upper == "ALL" || upper.starts_with("CAP_") { upper } else { format!("CAP_{upper}") }
    };
    let set = |list: &[String]| -> BTreeSet<String> {
        let all: BTreeSet<String> =
            list.iter().filter(|name| !name.trim().eq_ignore_ascii_case("RESET")).map(full).collect();
        if all.contains("ALL") { BTreeSet::from(["ALL".to_owned()]) } else { all }
    };
    let (add, drop) = (set(add), set(drop));
    let left = drop.difference(&add).cloned().collect();
    (add.into_iter().collect(), left)
}

fn ulimits(fields: &Fields<'_>, faults: &mut Faults) -> Option<Vec<ResourcesUlimits>> {
    let mut all = Vec::new();
    for (name, at) in fields.get("ulimits")?.map(faults).unwrap_or_default() {
        let (soft, hard) = match &at.node.value {
            Value::Map(_) => {
                let inner = at.fields(&["soft", "hard"], faults);
                for key in ["soft", "hard"].into_iter().filter(|key| !inner.has(key)) {
                    at.fault("required", format!("must have `soft` and `hard`: there is no `{key}`"), faults);
                }
                (
                    inner.get("soft").and_then(|at| at.int(faults)),
                    inner.get("hard").and_then(|at| at.int(faults)),
                )
            }
            _ => {
                let both = at.int(faults);
                (both, both)
            }
        };
        all.push(ResourcesUlimits { name: Some(name.to_owned()), soft, hard });
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    (!all.is_empty()).then_some(all)
}

/// The log driver; the engine's own if none is named.
pub(super) fn logging(fields: &Fields<'_>, faults: &mut Faults) -> Option<TaskSpecLogDriver> {
    let inner = fields.get("logging")?.fields(&["driver", "options"], faults);
    let entries = inner.get("options").and_then(|at| at.map(faults)).unwrap_or_default();
    let value = |at: &At<'_>, faults: &mut Faults| {
        if at.is_null() { Some(String::new()) } else { at.loose_text(faults) }
    };
    let options: HashMap<String, String> =
        entries.into_iter().filter_map(|(key, at)| Some((key.to_owned(), value(&at, faults)?))).collect();
    Some(TaskSpecLogDriver {
        name: inner.get("driver").and_then(|at| at.text(faults)).map(ToOwned::to_owned),
        options: (!options.is_empty()).then_some(options),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_as_the_engine_writes_them() {
        let ask = |add: &[&str], drop: &[&str]| {
            let own = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
            let (add, drop) = capabilities(&own(add), &own(drop));
            (add.join(" "), drop.join(" "))
        };
        assert_eq!(
            ask(&["net_raw", "CAP_NET_RAW", " chown "], &[]),
            ("CAP_CHOWN CAP_NET_RAW".into(), "".into())
        );
        assert_eq!(ask(&["all", "chown"], &["net_raw"]), ("ALL".into(), "CAP_NET_RAW".into()));
        assert_eq!(ask(&["chown"], &["CHOWN", "reset"]), ("CAP_CHOWN".into(), "".into()));
        assert_eq!(ask(&["ALL"], &["ALL"]), ("ALL".into(), "".into()));
    }
}
