//! Whose objects a stack makes and names: its own, known by the prefix of its name.

use super::{Grants, View};
use crate::{fault::Faults, spec::StackSpec, text};

/// The stack of Skep itself.
const OWN: &str = "skep";

pub(super) fn check(spec: &StackSpec, grants: &Grants, faults: &mut Faults) {
    let inherited = &grants.inherited;
    faults.unless(spec.name != OWN, "name", "name_reserved", "is Skep's own stack: choose another name");
    let own = |name: &str| text::short(&spec.name, name).is_some_and(|rest| !rest.is_empty());
    for (name, service) in &spec.services {
        let view = View::new(spec, name, service);
        faults.unless(
            (own(name) || *name == spec.name) && service.name.as_deref() == Some(name.as_str()),
            view.path("name", "name"),
            "foreign_object",
            "must begin with the stack's name",
        );
        let Some(container) = view.container() else { continue };
        for config in container.configs.iter().flatten().filter(|config| config.runtime.is_none()) {
            let known = config
                .config_name
                .as_ref()
                .is_some_and(|name| spec.configs.contains_key(name) || inherited.configs.contains(name));
            let empty = config.config_id.as_deref().unwrap_or_default().is_empty();
            faults.unless(
                known && empty,
                view.path("configs", "mounts"),
                "foreign_object",
                "no such config in this stack",
            );
        }
        for secret in container.secrets.iter().flatten() {
            let known = secret
                .secret_name
                .as_ref()
                .is_some_and(|name| spec.secrets.contains_key(name) || inherited.secrets.contains(name));
            let empty = secret.secret_id.as_deref().unwrap_or_default().is_empty();
            faults.unless(
                known && empty,
                view.path("secrets", "mounts"),
                "foreign_object",
                "no such secret in this stack",
            );
        }
    }
    let named = spec
        .networks
        .iter()
        .map(|(name, body)| ("networks", name, Some(body.name.as_str()), &inherited.networks))
        .chain(spec.configs.iter().map(|(n, body)| ("configs", n, body.name.as_deref(), &inherited.configs)))
        .chain(spec.secrets.iter().map(|(n, body)| ("secrets", n, body.name.as_deref(), &inherited.secrets)));
    for (kind, name, inner, inherited) in named {
        faults.unless(
            (own(name) || inherited.contains(name)) && inner == Some(name.as_str()),
            format!("{kind}.{name}"),
            "foreign_object",
            "must begin with the stack's name and `_`",
        );
    }
    for (name, secret) in &spec.secrets {
        faults.unless(
            secret.driver.is_none(),
            format!("secrets.{name}.driver"),
            "secret_driver",
            "must not name a driver: the secret's data is kept by Swarm",
        );
    }
    let templated = spec
        .configs
        .iter()
        .map(|(name, body)| ("configs", name, &body.templating))
        .chain(spec.secrets.iter().map(|(name, body)| ("secrets", name, &body.templating)));
    for (kind, name, templating) in templated {
        faults.unless(
            templating.as_ref().is_none_or(|driver| driver.name == "golang"),
            format!("{kind}.{name}.template_driver"),
            "template_driver",
            "must be `golang`",
        );
    }
}
