//! How an app runs, as entered. Empty means the default, which is left out.

use crate::{
    api::{
        Check, Fault, Health, Mount, Placement, Publish, Resources, Restart, Settings, Share, Strategy,
        Update,
    },
    http::Form,
};

/// All settings; what is no number is a fault. What no form has stays as it is `stored`.
pub fn settings(form: &Form, stored: &Settings, faults: &mut Vec<Fault>) -> Settings {
    let text = |name: &str| form.optional(name);
    let words = |name: &str| Some(form.lines(name)).filter(|lines| !lines.is_empty());
    Settings {
        port: form.number("settings.port", faults),
        replicas: form.number("settings.replicas", faults),
        scale: stored.scale.clone(),
        command: words("settings.command"),
        entrypoint: words("settings.entrypoint"),
        health: health(form, faults),
        mounts: mounts(form),
        publish: publish(form, faults),
        resources: Resources {
            cpus: text("settings.resources.cpus"),
            memory: text("settings.resources.memory"),
            pids: form.number("settings.resources.pids", faults),
            reserve_cpus: text("settings.resources.reserve_cpus"),
            reserve_memory: text("settings.resources.reserve_memory"),
        },
        placement: Placement {
            constraints: form.lines("settings.placement.constraints"),
            spread: form.lines("settings.placement.spread"),
            max_per_node: form.number("settings.placement.max_per_node", faults),
        },
        update: Update {
            order: text("settings.update.order"),
            parallelism: form.number("settings.update.parallelism", faults),
            delay: text("settings.update.delay"),
            monitor: text("settings.update.monitor"),
            deadline: text("settings.update.deadline"),
            strategy: strategy(form, faults),
        },
        restart: Restart {
            condition: text("settings.restart.condition"),
            delay: text("settings.restart.delay"),
            max_attempts: form.number("settings.restart.max_attempts", faults),
            window: text("settings.restart.window"),
        },
        stop_grace: text("settings.stop_grace"),
        stop_signal: text("settings.stop_signal"),
        drain: text("settings.drain"),
        labels: form
            .lines("settings.labels")
            .iter()
            .map(|line| line.split_once('=').unwrap_or((line, "")))
            .map(|(key, value)| (key.trim().to_owned(), value.to_owned()))
            .collect(),
        networks: form.lines("settings.networks"),
        aliases: form.lines("settings.aliases"),
        init: (!form.flag("settings.init")).then_some(false),
        user: text("settings.user"),
        workdir: text("settings.workdir"),
        read_only: form.flag("settings.read_only"),
        required: form.lines("settings.required"),
    }
}

/// How visitors come to a new version; a share a line: `10 5m`, or `10` alone.
fn strategy(form: &Form, faults: &mut Vec<Fault>) -> Option<Strategy> {
    let at = |field: &str| format!("settings.update.strategy.{field}");
    match form.text(&at("kind")) {
        "recreate" => Some(Strategy::Recreate),
        "blue_green" => Some(Strategy::BlueGreen { keep: form.optional(&at("keep")) }),
        "canary" => {
            let mut steps = Vec::new();
            for line in form.lines(&at("steps")) {
                let (weight, pause) = line.split_once(char::is_whitespace).unwrap_or((&line, ""));
                let Ok(weight) = weight.trim_end_matches('%').parse() else {
                    let rule = "must be a percentage and perhaps a pause on each line: `10 5m`";
                    faults.push(Fault::new(at("steps"), rule));
                    continue;
                };
                let pause = Some(pause.trim().to_owned()).filter(|pause| !pause.is_empty());
                steps.push(Share { weight, pause });
            }
            let max_errors = form.number(&at("max_errors"), faults);
            Some(Strategy::Canary { steps, max_errors, max_latency: form.optional(&at("max_latency")) })
        }
        _ => None,
    }
}

/// The health check. Its numbers without a kind of their own belong to the default check, which
/// the API writes as a connection to the app's port.
fn health(form: &Form, faults: &mut Vec<Fault>) -> Option<Health> {
    let at = |field: &str| format!("settings.health.{field}");
    let interval = form.optional(&at("interval"));
    let timeout = form.optional(&at("timeout"));
    let retries = form.number(&at("retries"), faults);
    let start_period = form.optional(&at("start_period"));
    let tuned = interval.is_some() || timeout.is_some() || retries.is_some() || start_period.is_some();
    let check = match form.text(&at("kind")) {
        "http" => {
            Check::Http { path: form.text(&at("path")).to_owned(), port: form.number(&at("port"), faults) }
        }
        "tcp" => Check::Tcp { port: form.number(&at("port"), faults) },
        "command" => Check::Command { command: form.lines(&at("command")) },
        "image" => Check::Image,
        "none" => Check::None,
        _ if tuned => Check::Tcp { port: None },
        _ => return None,
    };
    Some(Health { check, interval, timeout, retries, start_period })
}

/// The mounts; rows of kind "none" are left out.
fn mounts(form: &Form) -> Vec<Mount> {
    let row = |n: usize| {
        let at = |field: &str| format!("settings.mounts[{n}].{field}");
        let target = form.text(&at("target")).to_owned();
        Some(match form.text(&at("kind")) {
            "volume" => Mount::Volume {
                name: form.text(&at("name")).to_owned(),
                target,
                read_only: form.flag(&at("read_only")),
            },
            "file" => Mount::File {
                target,
                content: form.raw(&at("content")).replace("\r\n", "\n"),
                mode: form.optional(&at("mode")),
            },
            "tmpfs" => Mount::Tmpfs { target, size: form.optional(&at("size")) },
            _ => return None,
        })
    };
    form.rows("settings.mounts").into_iter().filter_map(row).collect()
}

/// The published ports; rows with neither port are left out.
fn publish(form: &Form, faults: &mut Vec<Fault>) -> Vec<Publish> {
    let mut ports = Vec::new();
    for n in form.rows("settings.publish") {
        let at = |field: &str| format!("settings.publish[{n}].{field}");
        let given = !form.text(&at("target")).is_empty() || !form.text(&at("published")).is_empty();
        if !given {
            continue;
        }
        let before = faults.len();
        let target = form.number(&at("target"), faults);
        let published = form.number(&at("published"), faults);
        if let (Some(target), Some(published)) = (target, published) {
            let (protocol, mode) = (form.optional(&at("protocol")), form.optional(&at("mode")));
            ports.push(Publish { target, published, protocol, mode });
        } else if faults.len() == before {
            let missing = if target.is_none() { "target" } else { "published" };
            faults.push(Fault::new(at(missing), "must be given too: a port from 1 to 65535"));
        }
    }
    ports
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_form_is_all_defaults() {
        let form =
            Form::parse(b"settings.init=yes&settings.mounts%5B0%5D.kind=&settings.publish%5B0%5D.target=");
        let mut faults = Vec::new();
        assert_eq!(settings(&form, &Settings::default(), &mut faults), Settings::default());
        assert!(faults.is_empty());
    }

    #[test]
    fn half_a_port_is_a_fault_at_the_other_half() {
        let form = Form::parse(b"settings.publish%5B3%5D.target=53");
        let mut faults = Vec::new();
        assert!(publish(&form, &mut faults).is_empty());
        assert_eq!(faults[0].field, "settings.publish[3].published");
    }

    #[test]
    fn a_config_file_keeps_its_lines_and_loses_the_browsers_carriage_returns() {
        let form = Form::parse(b"settings.mounts%5B1%5D.kind=file&settings.mounts%5B1%5D.target=/etc/a&settings.mounts%5B1%5D.content=a%0D%0A%20b%0D%0A");
        assert_eq!(
            mounts(&form),
            [Mount::File { target: "/etc/a".into(), content: "a\n b\n".into(), mode: None }]
        );
    }
}
