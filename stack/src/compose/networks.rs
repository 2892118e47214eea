//! The networks that a service joins.
//!
//! To carry a key of an attachment: its name in [`KNOWN`], its reading in [`long`].

use std::collections::{BTreeSet, HashMap};

use bollard_stubs::models::NetworkAttachmentConfig;

use super::{
    convert::Build,
    declared::{Declared, Network, options},
    read::{At, Fields},
    yaml::Value,
};

const KNOWN: [&str; 9] = [
    "aliases",
    "driver_opts",
    "ipv4_address",
    "ipv6_address",
    "link_local_ips",
    "mac_address",
    "priority",
    "gw_priority",
    "interface_name",
];
/// The engine's own networks, which know no names.
const PREDEFINED: [&str; 4] = ["bridge", "default", "host", "none"];

/// Where the service `name` is found, and as what: by its own name and its aliases. A service
/// without networks joins `default`, which need not be declared.
pub(super) fn convert(
    name: &str,
    fields: &Fields<'_>,
    declared: &Declared,
    build: &mut Build<'_>,
) -> Vec<NetworkAttachmentConfig> {
    let mut all = Vec::new();
    for wish in wanted(fields, build) {
        let network = match declared.networks.get(wish.network) {
            Some(network) => network.clone(),
            None if wish.network == "default" => Network::implicit(build),
            None => {
                if let Some(at) = wish.at {
                    let rule = "is not declared under the top-level `networks`";
                    at.fault("unknown_network", rule, &mut build.faults);
                }
                continue;
            }
        };
        let mut aliases = wish.aliases;
        if !PREDEFINED.contains(&network.name.as_str()) && !network.name.starts_with("container:") {
            aliases.push(name.to_owned());
        }
        all.push(NetworkAttachmentConfig {
            target: Some(network.name.clone()),
            aliases: (!aliases.is_empty()).then_some(aliases),
            driver_opts: wish.options,
        });
        if let Some(body) = network.body {
            build.spec.networks.insert(network.name, body);
        }
    }
    all.sort_by(|a, b| a.target.cmp(&b.target));
    all
}

struct Wish<'n> {
    network: &'n str,
    aliases: Vec<String>,
    options: Option<HashMap<String, String>>,
    at: Option<At<'n>>,
}

impl<'n> Wish<'n> {
    fn new(network: &'n str, at: Option<At<'n>>) -> Self {
        Self { network, aliases: Vec::new(), options: None, at }
    }
}

fn wanted<'n>(fields: &Fields<'n>, build: &mut Build<'_>) -> Vec<Wish<'n>> {
    let all: Vec<Wish<'n>> = match fields.get("networks") {
        None => Vec::new(),
        Some(at) if matches!(at.node.value, Value::List(_)) => {
            let list = at.unique_list(&mut build.faults);
            // Several files may name one network.
            let mut seen = BTreeSet::new();
            let mut wish = |item: At<'n>| {
                let name = item.text(&mut build.faults)?;
                seen.insert(name).then(|| Wish::new(name, Some(item)))
            };
            list.into_iter().filter_map(&mut wish).collect()
        }
        Some(at) => {
            let entries = at.map(&mut build.faults).unwrap_or_default();
            entries.into_iter().map(|(name, at)| long(name, at, build)).collect()
        }
    };
    if all.is_empty() { vec![Wish::new("default", None)] } else { all }
}

fn long<'n>(name: &'n str, at: At<'n>, build: &mut Build<'_>) -> Wish<'n> {
    if at.is_null() {
        return Wish::new(name, Some(at));
    }
    let fields = at.fields(&KNOWN, &mut build.faults);
    for (key, at) in fields.iter().filter(|(key, _)| KNOWN[2..].contains(key)) {
        build.note(
            at,
            "ignored",
            format!("has no effect: Swarm knows no `{key}`, and gives out the addresses"),
        );
    }
    Wish {
        network: name,
        aliases: fields.get("aliases").map(|at| at.unique_texts(&mut build.faults)).unwrap_or_default(),
        options: options(&fields, &mut build.faults),
        at: Some(at),
    }
}
