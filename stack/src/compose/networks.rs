//! The networks of a service: the file's own, the environment's, and the edge's.

use std::collections::BTreeSet;

use bollard_stubs::models::NetworkAttachmentConfig;

use super::{
    Build,
    declared::Declared,
    read::{At, Fields},
    yaml::Value,
};
use crate::text;

/// Where the service `name` is found, and as what: by its own name and its aliases on the file's
/// networks, as `<app>-<service>` on the environment's, and by no name on the edge's.
pub(super) fn convert(
    name: &str,
    fields: &Fields<'_>,
    declared: &Declared,
    build: &mut Build<'_>,
) -> Vec<NetworkAttachmentConfig> {
    let mut all = Vec::new();
    for (network, aliases, at) in wanted(fields, build) {
        let Some(body) = declared.networks.get(network) else {
            if let Some(at) = at {
                at.fault(
                    "unknown_network",
                    "is not declared under the top-level `networks`",
                    &mut build.faults,
                );
            }
            continue;
        };
        build.spec.networks.insert(body.name.clone(), body.clone());
        let mut names = aliases;
        names.push(name.to_owned());
        let mut seen = BTreeSet::new();
        names.retain(|alias| seen.insert(alias.clone()));
        all.push(attach(&body.name, Some(names)));
    }
    all.push(attach(build.input.network, Some(vec![format!("{}-{name}", build.input.alias)])));
    if build.input.routed.contains(name) {
        all.push(attach(build.input.edge, None));
    }
    all.sort_by(|a, b| a.target.cmp(&b.target));
    all
}

fn attach(target: &str, aliases: Option<Vec<String>>) -> NetworkAttachmentConfig {
    NetworkAttachmentConfig { target: Some(target.to_owned()), aliases, driver_opts: None }
}

/// Names of the networks with the aliases there.
fn wanted<'n>(fields: &Fields<'n>, build: &mut Build<'_>) -> Vec<(&'n str, Vec<String>, Option<At<'n>>)> {
    let Some(at) = fields.get("networks") else { return vec![("default", Vec::new(), None)] };
    if matches!(at.node.value, Value::List(_)) {
        let list = at.list(&mut build.faults);
        return list
            .into_iter()
            .filter_map(|item| Some((item.text(&mut build.faults)?, Vec::new(), Some(item))))
            .collect();
    }
    let entries = at.map(&mut build.faults).unwrap_or_default();
    entries.into_iter().map(|(name, at)| (name, aliases(&at, build), Some(at))).collect()
}

fn aliases(at: &At<'_>, build: &mut Build<'_>) -> Vec<String> {
    if at.is_null() {
        return Vec::new();
    }
    let known = [
        "aliases",
        "ipv4_address",
        "ipv6_address",
        "link_local_ips",
        "mac_address",
        "priority",
        "gw_priority",
        "driver_opts",
    ];
    let fields = at.fields(&known, &mut build.faults);
    for (key, at) in fields.iter() {
        if *key == "driver_opts" {
            at.fault("network_options", "is not allowed", &mut build.faults);
        } else if *key != "aliases" {
            build.note(at, "ignored", "has no effect: Swarm gives out the addresses");
        }
    }
    let Some(list) = fields.get("aliases") else { return Vec::new() };
    let mut all = Vec::new();
    for item in list.list(&mut build.faults) {
        match item.text(&mut build.faults) {
            Some(alias) if text::alias(alias) => all.push(alias.to_owned()),
            Some(_) => item.fault("invalid_name", "must be a host name", &mut build.faults),
            None => {}
        }
    }
    all
}
