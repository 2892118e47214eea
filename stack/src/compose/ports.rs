//! Published ports, in the short and the long form.

use bollard_stubs::models::{
    EndpointPortConfig, EndpointPortConfigProtocolEnum as Protocol, EndpointPortConfigPublishModeEnum as Mode,
};

use super::{
    Build,
    read::{At, Fields},
    yaml::Value,
};

/// Ports of one service.
const MOST: usize = 1000;

/// The ports of a service, sorted. A port without a published one has no effect here.
pub(super) fn convert(fields: &Fields<'_>, build: &mut Build<'_>) -> Vec<EndpointPortConfig> {
    let mut all = Vec::new();
    for at in fields.get("ports").map(|at| at.list(&mut build.faults)).unwrap_or_default() {
        let ports = match &at.node.value {
            Value::Map(_) => long(&at, build).into_iter().collect(),
            Value::Text(text) => short(text, &at, build),
            Value::Int(number) => short(&number.to_string(), &at, build),
            _ => {
                at.fault(
                    "invalid_type",
                    "must be text like \"8080:80\": quote this value",
                    &mut build.faults,
                );
                Vec::new()
            }
        };
        for port in ports {
            if port.published_port.is_none() {
                build.note(&at, "ignored", "has no effect without a published port: domains and other services reach the port anyway");
            } else {
                all.push(port);
            }
        }
    }
    if all.len() > MOST
        && let Some(at) = fields.get("ports")
    {
        at.fault("too_many", "must be at most 1000 ports", &mut build.faults);
    }
    all.sort_by_key(|port| (port.published_port, port.protocol));
    all
}

fn port(target: i64, published: Option<i64>, protocol: Protocol, mode: Mode) -> EndpointPortConfig {
    EndpointPortConfig {
        name: None,
        protocol: Some(protocol),
        target_port: Some(target),
        published_port: published,
        publish_mode: Some(mode),
    }
}

/// Where there is no routing mesh, the node of the task answers.
fn mode(build: &Build<'_>) -> Mode {
    if build.input.dnsrr { Mode::HOST } else { Mode::INGRESS }
}

fn protocol(text: &str) -> Option<Protocol> {
    match text.to_ascii_lowercase().as_str() {
        "tcp" => Some(Protocol::TCP),
        "udp" => Some(Protocol::UDP),
        "sctp" => Some(Protocol::SCTP),
        _ => None,
    }
}

/// `[[address:]published:]target[/protocol]`, each of the ports a range.
fn short(text: &str, at: &At<'_>, build: &mut Build<'_>) -> Vec<EndpointPortConfig> {
    const RULE: &str = "must be like \"8080:80\", \"8080-8082:80-82/udp\" or \"80\"";
    let (ports, proto) = text.split_once('/').unwrap_or((text, "tcp"));
    let (rest, target) = match ports.rsplit_once(':') {
        Some((rest, target)) => (Some(rest), target),
        None => (None, ports),
    };
    let (address, published) = match rest.map(|rest| rest.rsplit_once(':').map_or(("", rest), |parts| parts))
    {
        Some((address, published)) => (address, Some(published).filter(|published| !published.is_empty())),
        None => ("", None),
    };
    if !matches!(address.trim_matches(['[', ']']), "" | "0.0.0.0" | "::") {
        let message =
            "names an address, and Swarm publishes on all of them: leave the port out, or publish it on all";
        at.fault("port_address", message, &mut build.faults);
        return Vec::new();
    }
    let ranges = (range(target), published.map(range), protocol(proto));
    let (Some(targets), Some(proto)) = (ranges.0, ranges.2) else {
        at.fault("invalid_port", RULE, &mut build.faults);
        return Vec::new();
    };
    let mode = mode(build);
    match ranges.1 {
        None => targets.map(|target| port(target, None, proto, mode)).collect(),
        Some(Some(published)) if published.clone().count() == targets.clone().count() => targets
            .zip(published)
            .map(|(target, published)| port(target, Some(published), proto, mode))
            .collect(),
        Some(Some(published)) if targets.start() == targets.end() => {
            published.map(|published| port(*targets.start(), Some(published), proto, mode)).collect()
        }
        Some(_) => {
            at.fault("invalid_port", format!("{RULE}; ranges must be of one length"), &mut build.faults);
            Vec::new()
        }
    }
}

fn range(text: &str) -> Option<std::ops::RangeInclusive<i64>> {
    let number = |text: &str| {
        text.parse::<u16>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit())).map(i64::from)
    };
    let (first, last) = match text.split_once('-') {
        Some((first, last)) => (number(first)?, number(last)?),
        None => (number(text)?, number(text)?),
    };
    (first >= 1 && first <= last).then_some(first..=last)
}

fn long(at: &At<'_>, build: &mut Build<'_>) -> Option<EndpointPortConfig> {
    let known = ["target", "published", "protocol", "mode", "name", "host_ip", "app_protocol"];
    let fields = at.fields(&known, &mut build.faults);
    let usual = mode(build);
    let faults = &mut build.faults;
    let target = fields.get("target").and_then(|at| at.int(faults));
    let published = match fields.get("published") {
        Some(At { node, .. }) if matches!(&node.value, Value::Text(_)) => {
            let at = fields.get("published")?;
            let number = at
                .text(faults)
                .and_then(range)
                .filter(|range| range.start() == range.end())
                .map(|range| *range.start());
            if number.is_none() {
                at.fault("invalid_port", "must be one port from 1 to 65535", faults);
            }
            number
        }
        other => other.and_then(|at| at.int(faults)),
    };
    let proto = match fields.get("protocol") {
        None => Some(Protocol::TCP),
        Some(at) => {
            let known = at.text(faults).and_then(protocol);
            if known.is_none() {
                at.fault("invalid_choice", "must be `tcp`, `udp` or `sctp`", faults);
            }
            known
        }
    };
    let mode = match fields.get("mode").and_then(|at| at.text(faults)) {
        None => usual,
        Some("host") => Mode::HOST,
        Some("ingress") if usual == Mode::HOST => {
            at.fault(
                "ingress_unavailable",
                "cannot be `ingress` on this cluster, which has no routing mesh: use `host`",
                faults,
            );
            Mode::HOST
        }
        Some("ingress") => Mode::INGRESS,
        Some(_) => {
            at.fault("invalid_choice", "must have the mode `host` or `ingress`", faults);
            usual
        }
    };
    if let Some(at) = fields.get("host_ip") {
        at.fault("port_address", "is not known to Swarm, which publishes on all addresses", faults);
    }
    if target.is_none() && fields.get("target").is_none() {
        at.fault("required", "must have a `target`", faults);
    }
    Some(port(target?, published, proto?, mode))
}
