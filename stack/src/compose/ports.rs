//! Published ports, in the short and the long form.
//!
//! To carry a key of the long form: its name and reading in [`long`].

use std::collections::BTreeSet;

use bollard_stubs::models::{
    EndpointPortConfig, EndpointPortConfigProtocolEnum as Protocol, EndpointPortConfigPublishModeEnum as Mode,
};
use serde_json::Value as Json;

use super::{
    convert::Build,
    read::{At, Fields},
    yaml::Value,
};
use crate::fault::Faults;

const RULE: &str = "must be like \"8080:80\", \"8080-8082:80-82/udp\" or \"80\": quote it";

/// Ports of all services together; a range of all ports is 65,535 of them.
pub(super) const MOST: usize = 200_000;

/// One port of the file, as it is written.
pub(super) struct Wish {
    pub(super) port: EndpointPortConfig,
    /// The address of the node that it is bound to, which Swarm does not know.
    pub(super) address: Option<String>,
    /// It is written in the long form.
    pub(super) long: bool,
    /// Words that the engine's types do not know, by field.
    raw: Vec<(&'static str, String)>,
}

/// The ports of a service, sorted by the published one.
pub(super) fn convert(name: &str, fields: &Fields<'_>, build: &mut Build<'_>) -> Vec<EndpointPortConfig> {
    let mut all: Vec<(At<'_>, Wish)> = Vec::new();
    for (at, wishes) in read(fields, &mut build.ports_left, &mut build.faults) {
        all.extend(wishes.into_iter().map(|wish| (at.clone(), wish)));
    }
    all.sort_by_key(|(_, wish)| wish.port.published_port.unwrap_or(0));
    let mut told = BTreeSet::new();
    for (i, (at, wish)) in all.iter().enumerate() {
        if wish.address.as_deref().is_some_and(|address| !everywhere(address)) && told.insert(&at.path) {
            let rule = "names an address, and Swarm publishes on all of them: leave the port out, or publish it on all";
            build.note(at, "port_address", rule);
        }
        for (field, word) in &wish.raw {
            let pointer = format!("/EndpointSpec/Ports/{i}/{field}");
            let rule = "must be `tcp`, `udp` or `sctp` (`protocol`), `host` or `ingress` (`mode`)";
            build.raw(name, &pointer, Json::String(word.clone()), at, rule);
        }
    }
    all.into_iter().map(|(_, wish)| wish.port).collect()
}

/// What each entry of the list asks for; `left` is how many ports there may be yet.
pub(super) fn read<'n>(
    fields: &Fields<'n>,
    left: &mut usize,
    faults: &mut Faults,
) -> Vec<(At<'n>, Vec<Wish>)> {
    let list = fields.get("ports").map(|at| at.unique_list(faults)).unwrap_or_default();
    let mut all = Vec::new();
    for at in list {
        let wishes = match &at.node.value {
            Value::Map(_) => long(&at, faults).into_iter().collect(),
            Value::Text(text) => short(text, &at, faults),
            Value::Int(number) => short(&number.to_string(), &at, faults),
            _ => {
                at.fault("invalid_type", RULE, faults);
                Vec::new()
            }
        };
        if wishes.len() > *left {
            at.fault("too_many", "is more than the 200000 ports that all services may have", faults);
            break;
        }
        *left -= wishes.len();
        all.push((at, wishes));
    }
    all
}

/// Whether an address means all of them.
pub(super) fn everywhere(address: &str) -> bool {
    matches!(address, "" | "0.0.0.0" | "::")
}

/// `[[address:]published:]target[/protocol]`, each of the ports a range.
fn short(text: &str, at: &At<'_>, faults: &mut Faults) -> Vec<Wish> {
    parse(text).unwrap_or_else(|| {
        at.fault("invalid_port", RULE, faults);
        Vec::new()
    })
}

fn parse(text: &str) -> Option<Vec<Wish>> {
    let mut slashes = text.split('/');
    let ports = slashes.next()?;
    let protocol = match slashes.next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "" | "tcp" => Protocol::TCP,
        "udp" => Protocol::UDP,
        "sctp" => Protocol::SCTP,
        _ => return None,
    };
    let (rest, target) = ports.rsplit_once(':').map_or((None, ports), |(rest, target)| (Some(rest), target));
    let (address, published) = match rest {
        Some(rest) => rest.rsplit_once(':').unwrap_or(("", rest)),
        None => ("", ""),
    };
    let address = address.strip_prefix('[').and_then(|ip| ip.strip_suffix(']')).unwrap_or(address);
    if !address.is_empty() && address.parse::<core::net::IpAddr>().is_err() {
        return None;
    }
    let targets = range(target)?;
    let published = if published.is_empty() { None } else { Some(range(published)?) };
    let pairs: Vec<(i64, Option<i64>)> = match published {
        None => targets.map(|target| (target, None)).collect(),
        Some(published) if length(&published) == length(&targets) => {
            targets.zip(published.map(Some)).collect()
        }
        Some(published) if length(&targets) == 0 => {
            published.map(|published| (*targets.start(), Some(published))).collect()
        }
        Some(_) => return None,
    };
    let wish = |(target, published)| Wish {
        port: EndpointPortConfig {
            name: None,
            protocol: Some(protocol),
            target_port: Some(target),
            published_port: published,
            publish_mode: Some(Mode::INGRESS),
        },
        address: Some(address.to_owned()).filter(|address| !address.is_empty()),
        long: false,
        raw: Vec::new(),
    };
    Some(pairs.into_iter().map(wish).collect())
}

fn length(range: &std::ops::RangeInclusive<i64>) -> i64 {
    range.end() - range.start()
}

fn range(text: &str) -> Option<std::ops::RangeInclusive<i64>> {
    let number = |text: &str| {
        text.parse::<u16>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit())).map(i64::from)
    };
    let (first, last) = match text.split_once('-') {
        Some((first, last)) => (number(first)?, number(last)?),
        None => (number(text)?, number(text)?),
    };
    (first <= last).then_some(first..=last)
}

fn long(at: &At<'_>, faults: &mut Faults) -> Option<Wish> {
    let known = ["target", "published", "protocol", "mode", "name", "host_ip", "app_protocol"];
    let fields = at.fields(&known, faults);
    let mut raw = Vec::new();
    let word =
        |key: &str, faults: &mut Faults| fields.get(key).and_then(|at| at.text(faults)).unwrap_or_default();
    let (protocol, mode) = (word("protocol", faults), word("mode", faults));
    let protocol = known_word(protocol, "Protocol", &mut raw);
    let publish_mode = known_word(mode, "PublishMode", &mut raw);
    let address = word("host_ip", faults);
    word("name", faults);
    word("app_protocol", faults);
    Some(Wish {
        port: EndpointPortConfig {
            name: None,
            protocol,
            target_port: fields.get("target").and_then(|at| port(at, faults)),
            published_port: fields.get("published").and_then(|at| port(at, faults)),
            publish_mode,
        },
        address: Some(address.to_owned()).filter(|address| !address.is_empty()),
        long: true,
        raw,
    })
}

/// The word as the engine's type; what it does not know is kept beside it.
fn known_word<T: std::str::FromStr>(
    word: &str,
    field: &'static str,
    raw: &mut Vec<(&'static str, String)>,
) -> Option<T> {
    let known = word.parse().ok().filter(|_| !word.is_empty());
    if known.is_none() && !word.is_empty() {
        raw.push((field, word.to_owned()));
    }
    known
}

/// One port, as a number or (today's specification) as text.
fn port(at: &At<'_>, faults: &mut Faults) -> Option<i64> {
    let number = match &at.node.value {
        Value::Text(text) if !text.is_empty() => {
            range(text).filter(|range| range.start() == range.end()).map(|range| *range.start())
        }
        Value::Text(_) => return None,
        _ => Some(at.count(faults)?),
    };
    if number.is_none_or(|number| number > 65535) {
        at.fault("invalid_port", "must be one port from 1 to 65535", faults);
    }
    number
}
