//! Networks, volumes, configs and secrets of an app: their names are scoped to it, and those of
//! configs and secrets tell their content, so that a changed one is a new object and rolls out.

use std::collections::HashMap;

use super::{Place, labelled};
use crate::{
    app::mounts::config_name,
    compose::{
        read::{At, Fields},
        yaml::Value,
    },
    fault::Faults,
    labels,
};

/// A kind of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Network,
    Volume,
    Config,
    Secret,
}

impl Place<'_> {
    /// The name that an object of the plain stack has here.
    pub(super) fn renamed(&self, kind: Kind, name: &str) -> Option<String> {
        self.renamed.get(&(kind, name.to_owned())).cloned()
    }

    fn rename(&mut self, kind: Kind, from: &str, to: String) {
        self.renamed.insert((kind, from.to_owned()), to);
    }

    /// Services of the app run with the object of this name, whoever made it.
    fn inherits(&self, kind: Kind, name: &str) -> bool {
        let inherited = &self.input.grants.inherited;
        let names = match kind {
            Kind::Network => &inherited.networks,
            Kind::Volume => &inherited.volumes,
            Kind::Config => &inherited.configs,
            Kind::Secret => &inherited.secrets,
        };
        names.contains(name)
    }

    fn scoped(&self, name: &str) -> String {
        format!("{}_{name}", self.input.stack)
    }

    fn own(&self, labels: &mut Option<HashMap<String, String>>) {
        labels.get_or_insert_default().extend(labels::owned(self.input.stack, self.input.app));
    }
}

pub(super) fn place(top: &Fields<'_>, place: &mut Place<'_>) {
    for (section, kind) in [
        ("networks", Kind::Network),
        ("volumes", Kind::Volume),
        ("configs", Kind::Config),
        ("secrets", Kind::Secret),
    ] {
        let entries = top.get(section).and_then(|at| at.map(&mut Faults::default())).unwrap_or_default();
        for (key, at) in entries {
            let declared = &place.declared;
            let name = match kind {
                Kind::Network => declared.networks.get(key).map(|network| &network.name),
                Kind::Volume => declared.volumes.get(key).map(|volume| &volume.name),
                Kind::Config => declared.configs.get(key).map(|config| &config.name),
                Kind::Secret => declared.secrets.get(key).map(|secret| &secret.name),
            };
            let inherits = name.is_some_and(|name| place.inherits(kind, name));
            check(&at, inherits, place);
        }
    }
    networks(place);
    volumes(place);
    configs(place);
    secrets(place);
}

/// Objects belong to one app: there is nothing outside to refer to but what its services run with.
fn check(at: &At<'_>, inherits: bool, place: &mut Place<'_>) {
    labelled::check(at.entry("labels").as_ref(), &mut place.faults);
    if inherits {
        return;
    }
    if let Some(name) = at.entry("name").filter(|at| !at.is_null()) {
        name.fault("ignored", "has no effect: names are scoped to the app", &mut place.notes);
    }
    let Some(external) = at.entry("external") else { return };
    let outside =
        matches!(external.node.value, Value::Map(_)) || external.bool(&mut Faults::default()) == Some(true);
    if outside {
        let rule = "is not known in this environment: objects belong to one app";
        external.fault("not_found", rule, &mut place.faults);
    }
}

fn networks(place: &mut Place<'_>) {
    let plain = std::mem::take(&mut place.spec.networks);
    let names: Vec<(String, String)> =
        place.declared.networks.iter().map(|(key, network)| (key.clone(), network.name.clone())).collect();
    for (key, name) in
        names.into_iter().filter(|(_, name)| !place.inherits(Kind::Network, name)).collect::<Vec<_>>()
    {
        let full = place.scoped(&key);
        place.rename(Kind::Network, &name, full);
    }
    for (name, mut body) in plain {
        let full = place.renamed(Kind::Network, &name).unwrap_or(name);
        body.name.clone_from(&full);
        // What Compose calls `bridge` on one machine is an overlay on many.
        if body.driver.as_deref() == Some("bridge") {
            body.driver = Some("overlay".to_owned());
        }
        place.own(&mut body.labels);
        place.spec.networks.insert(full, body);
    }
}

fn volumes(place: &mut Place<'_>) {
    let names: Vec<(String, String)> =
        place.declared.volumes.iter().map(|(key, volume)| (key.clone(), volume.name.clone())).collect();
    for (key, name) in
        names.into_iter().filter(|(_, name)| !place.inherits(Kind::Volume, name)).collect::<Vec<_>>()
    {
        let full = place.scoped(&key);
        place.rename(Kind::Volume, &name, full);
    }
    let plain = std::mem::take(&mut place.spec.volumes);
    let mut all: Vec<String> =
        plain.into_iter().map(|name| place.renamed(Kind::Volume, &name).unwrap_or(name)).collect();
    all.sort();
    place.spec.volumes = all;
}

/// New names by content, by the old ones.
fn by_content(
    declared: &std::collections::BTreeMap<String, super::super::declared::Object>,
    stack: &str,
) -> Vec<(String, String)> {
    let named = declared.iter().filter_map(|(key, object)| {
        Some((object.name.clone(), config_name(stack, key, object.data.as_ref()?)))
    });
    named.collect()
}

fn configs(place: &mut Place<'_>) {
    let mut plain = std::mem::take(&mut place.spec.configs);
    for (name, full) in by_content(&place.declared.configs, place.input.stack) {
        if let Some(mut body) = plain.remove(&name) {
            body.name = Some(full.clone());
            place.own(&mut body.labels);
            place.spec.configs.insert(full.clone(), body);
            place.rename(Kind::Config, &name, full);
        }
    }
    place.spec.configs.extend(plain);
}

fn secrets(place: &mut Place<'_>) {
    let mut plain = std::mem::take(&mut place.spec.secrets);
    for (name, full) in by_content(&place.declared.secrets, place.input.stack) {
        if let Some(mut body) = plain.remove(&name) {
            body.name = Some(full.clone());
            place.own(&mut body.labels);
            place.spec.secrets.insert(full.clone(), body);
            place.rename(Kind::Secret, &name, full);
        }
    }
    place.spec.secrets.extend(plain);
}
