//! What an older version needed and nothing needs any more.
//!
//! Swarm may go back to the spec before an update by itself, and a release may be applied again:
//! so configs and secrets go only when no kept spec and no running service names them.

use std::collections::{BTreeSet, HashMap};

use bollard_stubs::models::ServiceSpec;

use super::{Action, make::owned};
use crate::{observed::Observed, spec::StackSpec};

/// Removes the configs and secrets of a stack that neither a running service nor a spec in `kept`
/// (the current one, the one before, the releases that one can go back to) names. What others made
/// stays.
#[must_use]
pub fn collect(observed: &Observed, kept: &[StackSpec]) -> Vec<Action> {
    let mut needed = BTreeSet::new();
    for spec in kept {
        needed.extend(spec.configs.keys().chain(spec.secrets.keys()).map(String::as_str));
        spec.services.values().for_each(|service| references(service, &mut needed));
    }
    for spec in observed.services.values().filter_map(|service| service.spec.as_ref()) {
        references(spec, &mut needed);
    }
    let old = |name: &str, labels: Option<&HashMap<String, String>>| !needed.contains(name) && owned(labels);
    let configs = observed
        .configs
        .iter()
        .filter(|(name, config)| old(name, config.spec.as_ref().and_then(|spec| spec.labels.as_ref())));
    let secrets = observed
        .secrets
        .iter()
        .filter(|(name, secret)| old(name, secret.spec.as_ref().and_then(|spec| spec.labels.as_ref())));
    let configs = configs.map(|(name, config)| Action::RemoveConfig {
        name: name.clone(),
        id: config.id.clone().unwrap_or_default(),
    });
    let secrets = secrets.map(|(name, secret)| Action::RemoveSecret {
        name: name.clone(),
        id: secret.id.clone().unwrap_or_default(),
    });
    configs.chain(secrets).collect()
}

/// Names of the configs and secrets that a service mounts.
fn references<'s>(service: &'s ServiceSpec, names: &mut BTreeSet<&'s str>) {
    let Some(container) = service.task_template.as_ref().and_then(|task| task.container_spec.as_ref()) else {
        return;
    };
    let configs = container.configs.iter().flatten().filter_map(|config| config.config_name.as_deref());
    let secrets = container.secrets.iter().flatten().filter_map(|secret| secret.secret_name.as_deref());
    names.extend(configs.chain(secrets));
}
