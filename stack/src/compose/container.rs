//! What runs in the container: the simple keys of a service.

use std::collections::{BTreeMap, HashMap};

use bollard_stubs::models::{
    ResourcesUlimits, TaskSpecContainerSpec, TaskSpecContainerSpecDnsConfig, TaskSpecLogDriver,
};

use super::{
    Build,
    declared::user_labels,
    read::{At, Fields},
    words,
    yaml::Value,
};
use crate::{app::process::STOP_GRACE, fault::Faults, labels, text, units};

/// Everything of the container but its image, health, mounts and files.
pub(super) fn convert(fields: &Fields<'_>, build: &mut Build<'_>) -> TaskSpecContainerSpec {
    let env = environment(fields, build);
    let mut all_labels = labels::owned(build.input.stack, build.input.app);
    let faults = &mut build.faults;
    all_labels.extend(user_labels(fields.get("labels"), faults));
    let own = |key: &str, faults: &mut Faults| {
        fields.get(key).and_then(|at| at.text(faults)).map(ToOwned::to_owned)
    };
    let set = |key: &str, faults: &mut Faults| fields.get(key).and_then(|at| at.bool(faults));
    let list = |key: &str, faults: &mut Faults| {
        fields.get(key).map(|at| at.texts(faults)).filter(|list| !list.is_empty())
    };
    let stop_grace = fields.get("stop_grace_period").and_then(|at| {
        let nanos = at.duration(faults)?;
        if !STOP_GRACE.holds(nanos) {
            at.fault("out_of_range", range(STOP_GRACE.least, STOP_GRACE.most), faults);
        }
        Some(nanos)
    });
    checked(fields, "stop_signal", text::signal, "must be a signal by name or number: `SIGTERM`", faults);
    checked(fields, "user", text::user, "must be a name or number, and a group after a colon", faults);
    checked(fields, "hostname", text::alias, "must be a host name", faults);
    TaskSpecContainerSpec {
        command: command(fields, "entrypoint", faults),
        args: command(fields, "command", faults),
        env,
        labels: Some(all_labels),
        hostname: own("hostname", faults),
        user: own("user", faults),
        dir: own("working_dir", faults),
        groups: list("group_add", faults),
        tty: set("tty", faults).filter(|set| *set),
        open_stdin: set("stdin_open", faults).filter(|set| *set),
        read_only: set("read_only", faults).filter(|set| *set),
        init: set("init", faults),
        stop_signal: own("stop_signal", faults),
        stop_grace_period: stop_grace,
        hosts: hosts(fields, faults),
        dns_config: dns(fields, faults),
        sysctls: sysctls(fields, faults),
        capability_add: list("cap_add", faults).map(capabilities),
        capability_drop: list("cap_drop", faults).map(capabilities),
        ulimits: ulimits(fields, faults),
        oom_score_adj: fields.get("oom_score_adj").and_then(|at| at.int(faults)),
        ..Default::default()
    }
}

/// `must be from 1s to 1h`
pub(super) fn range(least: i64, most: i64) -> String {
    format!("must be from {} to {}", units::show_duration(least), units::show_duration(most))
}

fn checked(fields: &Fields<'_>, key: &str, rule: fn(&str) -> bool, message: &str, faults: &mut Faults) {
    if let Some(at) = fields.get(key)
        && let Value::Text(text) = &at.node.value
        && !rule(text)
    {
        at.fault("invalid_value", message, faults);
    }
}

/// A list of words, or a text that is split as a shell would.
pub(super) fn command(fields: &Fields<'_>, key: &str, faults: &mut Faults) -> Option<Vec<String>> {
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

/// `KEY=value`, sorted; a key without a value takes the app's variable of that name.
fn environment(fields: &Fields<'_>, build: &mut Build<'_>) -> Option<Vec<String>> {
    let pairs = fields.get("environment").map(|at| at.pairs(&mut build.faults)).unwrap_or_default();
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for (key, value, at) in pairs {
        if !text::env_key(&key) {
            at.fault(
                "invalid_key",
                "must have a name of letters, digits and `_`, not starting with a digit",
                &mut build.faults,
            );
            continue;
        }
        match value.or_else(|| build.input.vars.get(&key).cloned()) {
            Some(value) if value.contains('\0') => {
                at.fault("invalid_value", "must not hold a NUL character", &mut build.faults);
            }
            Some(value) => {
                all.insert(key, value);
            }
            None => build.note(&at, "ignored", "has no value, and the app has no variable of that name"),
        }
    }
    let list: Vec<String> = all.into_iter().map(|(key, value)| format!("{key}={value}")).collect();
    (!list.is_empty()).then_some(list)
}

/// `IP name`, from `name:IP`, `name=IP` or a map.
fn hosts(fields: &Fields<'_>, faults: &mut Faults) -> Option<Vec<String>> {
    let at = fields.get("extra_hosts")?;
    let pairs: Vec<(String, String, At<'_>)> = match &at.node.value {
        Value::Map(_) => {
            at.pairs(faults).into_iter().filter_map(|(name, ip, at)| Some((name, ip?, at))).collect()
        }
        _ => at
            .list(faults)
            .into_iter()
            .filter_map(|item| {
                let text = item.text(faults)?;
                let Some((name, ip)) = text.split_once('=').or_else(|| text.split_once(':')) else {
                    item.fault("invalid_host", "must be like `name:10.0.0.1`", faults);
                    return None;
                };
                Some((name.to_owned(), ip.to_owned(), item))
            })
            .collect(),
    };
    let mut all = Vec::new();
    for (name, ip, at) in pairs {
        let ip = ip.trim_matches(['[', ']']);
        if !text::alias(&name) || ip.parse::<core::net::IpAddr>().is_err() {
            at.fault("invalid_host", "must be a host name and an IP address", faults);
        } else {
            all.push(format!("{ip} {name}"));
        }
    }
    (!all.is_empty()).then_some(all)
}

fn dns(fields: &Fields<'_>, faults: &mut Faults) -> Option<TaskSpecContainerSpecDnsConfig> {
    let list = |key: &str, faults: &mut Faults| {
        fields.get(key).map(|at| at.text_or_list(faults)).filter(|list| !list.is_empty())
    };
    let (nameservers, search, options) =
        (list("dns", faults), list("dns_search", faults), list("dns_opt", faults));
    if let (Some(at), Some(servers)) = (fields.get("dns"), &nameservers)
        && servers.iter().any(|server| server.parse::<core::net::IpAddr>().is_err())
    {
        at.fault("invalid_host", "must be IP addresses", faults);
    }
    (nameservers.is_some() || search.is_some() || options.is_some())
        .then_some(TaskSpecContainerSpecDnsConfig { nameservers, search, options })
}

fn sysctls(fields: &Fields<'_>, faults: &mut Faults) -> Option<HashMap<String, String>> {
    let pairs = fields.get("sysctls")?.pairs(faults);
    Some(pairs.into_iter().map(|(key, value, _)| (key, value.unwrap_or_default())).collect())
}

/// As the engine writes them: upper case, with `CAP_`, each once, sorted.
fn capabilities(list: Vec<String>) -> Vec<String> {
    let full = |name: &String| {
        let upper = name.trim().to_ascii_uppercase();
        if upper == "ALL" || upper.starts_with("CAP_") { upper } else { format!("CAP_{upper}") }
    };
    let all: std::collections::BTreeSet<String> = list.iter().map(full).collect();
    if all.contains("ALL") { vec!["ALL".to_owned()] } else { all.into_iter().collect() }
}

fn ulimits(fields: &Fields<'_>, faults: &mut Faults) -> Option<Vec<ResourcesUlimits>> {
    let mut all = Vec::new();
    for (name, at) in fields.get("ulimits")?.map(faults).unwrap_or_default() {
        let (soft, hard) = match &at.node.value {
            Value::Map(_) => {
                let inner = at.fields(&["soft", "hard"], faults);
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
    let options = inner.get("options").map(|at| at.pairs(faults)).unwrap_or_default();
    let options: HashMap<_, _> =
        options.into_iter().map(|(key, value, _)| (key, value.unwrap_or_default())).collect();
    Some(TaskSpecLogDriver {
        name: inner.get("driver").and_then(|at| at.text(faults)).map(ToOwned::to_owned),
        options: (!options.is_empty()).then_some(options),
    })
}
