//! The networks of a service: the file's own, the environment's, and the edge's.

use std::collections::BTreeSet;

use bollard_stubs::models::{NetworkAttachmentConfig, ServiceSpec};

use super::{Asked, Place, Service, objects::Kind, task};
use crate::{fault::Faults, text};

/// Names of a service beside its own, by which others know it.
const NAMES_MAX: usize = 100;

/// By its own name and its aliases on the file's networks, as `<app>-<service>` on the
/// environment's, and by no name on the edge's. What other services call it (`links`), and the
/// name of its container, are names on the file's networks too.
pub(super) fn place(service: &Service<'_>, body: &mut ServiceSpec, asked: &Asked<'_>, place: &mut Place<'_>) {
    let further = names(service, asked, place);
    let mut all = task(body).networks.take().unwrap_or_default();
    if all.iter().any(|network| network.target.as_deref() == Some("host")) {
        // The node's own network knows no names, and goes with no other.
        task(body).networks = Some(all);
        return;
    }
    for network in &mut all {
        if let Some(name) = network.target.as_ref().and_then(|name| place.renamed(Kind::Network, name)) {
            network.target = Some(name);
        }
        let mut seen = BTreeSet::new();
        let names = network.aliases.get_or_insert_default();
        names.extend(further.iter().cloned());
        names.retain(|alias| seen.insert(alias.clone()));
    }
    let attach = |target: &str, aliases| NetworkAttachmentConfig {
        target: Some(target.to_owned()),
        aliases,
        driver_opts: None,
    };
    all.push(attach(place.input.network, Some(vec![format!("{}-{}", place.input.alias, service.name)])));
    if place.input.routed.contains(service.name) {
        all.push(attach(place.input.edge, None));
    }
    all.sort_by(|a, b| a.target.cmp(&b.target));
    task(body).networks = Some(all);
}

/// Names beside those under `networks`; all of them are checked.
fn names(service: &Service<'_>, asked: &Asked<'_>, place: &mut Place<'_>) -> Vec<String> {
    let rule = "must be a host name";
    let networks = service.find(&["networks"]).and_then(|at| at.map(&mut Faults::default()));
    for (_, at) in networks.unwrap_or_default() {
        let list = at.entry("aliases").map(|at| at.list(&mut Faults::default())).unwrap_or_default();
        for item in list {
            if item.text(&mut Faults::default()).is_some_and(|alias| !text::alias(alias)) {
                item.fault("invalid_name", rule, &mut place.faults);
            }
        }
    }
    let mut all = Vec::new();
    if let Some(at) = service.fields.get("container_name")
        && let Some(name) = at.text(&mut place.faults)
    {
        if text::alias(name) {
            at.fault(
                "alias",
                "is a name of the service on its networks: Swarm names the containers",
                &mut place.notes,
            );
            all.push(name.to_owned());
        } else {
            at.fault("invalid_name", rule, &mut place.faults);
        }
    }
    if let Some(at) = service.fields.get("links") {
        for item in at.list(&mut place.faults) {
            let Some(link) = item.text(&mut place.faults) else { continue };
            let (target, alias) = link.split_once(':').unwrap_or((link, link));
            if !asked.names.contains(target) {
                item.fault("unknown_service", "names no service of this file", &mut place.faults);
            } else if !text::alias(alias) {
                item.fault("invalid_name", rule, &mut place.faults);
            }
        }
    }
    let links = asked.links.get(service.name).into_iter().flatten().map(|(_, alias)| alias.as_str());
    let links: BTreeSet<&str> = links.collect();
    if links.len() > NAMES_MAX {
        let rule = format!("has {} names by `links` of others: at most {NAMES_MAX} are known", links.len());
        service.at.fault("too_many", rule, &mut place.faults);
        return all;
    }
    all.extend(links.into_iter().map(ToOwned::to_owned));
    all
}
