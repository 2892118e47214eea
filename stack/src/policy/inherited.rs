//! What the services of a stack run with, whoever made it. An app that was made of a stack of the
//! docker CLI's goes on using it under its name, which need not begin with the stack's; that it runs
//! with it already is its right to it.
//!
//! To add a kind of object: a set here, and its reading in [`Inherited::of`].

use std::collections::{BTreeMap, BTreeSet};

use bollard_stubs::models::ServiceSpec;
use serde::{Deserialize, Serialize};

use crate::{observed::Observed, spec::StackSpec, volumes};

/// Networks of Skep's own, which are granted one by one.
const OWN: &str = "skep-";

/// Names of objects, by kind.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Inherited {
    /// Networks.
    pub networks: BTreeSet<String>,
    /// Volumes.
    pub volumes: BTreeSet<String>,
    /// Configs.
    pub configs: BTreeSet<String>,
    /// Secrets.
    pub secrets: BTreeSet<String>,
}

impl Inherited {
    /// What the running services name, and those of the release that serves, which may have been
    /// removed by hand.
    #[must_use]
    pub fn of(observed: &Observed, release: Option<&StackSpec>) -> Self {
        let mut all = Self::default();
        let running = observed.services.values().filter_map(|service| service.spec.as_ref());
        for service in running.chain(release.into_iter().flat_map(|release| release.services.values())) {
            all.add(service, &observed.network_names);
        }
        all
    }

    fn add(&mut self, service: &ServiceSpec, names: &BTreeMap<String, String>) {
        let Some(task) = &service.task_template else { return };
        let networks = task.networks.iter().chain(&service.networks).flatten();
        let networks = networks.filter_map(|network| network.target.as_ref());
        let networks = networks.map(|target| names.get(target).unwrap_or(target));
        self.networks.extend(networks.filter(|name| !name.starts_with(OWN)).cloned());
        let Some(container) = &task.container_spec else { return };
        self.volumes.extend(volumes::of(service).filter_map(|mount| mount.source.clone()));
        self.configs
            .extend(container.configs.iter().flatten().filter_map(|config| config.config_name.clone()));
        self.secrets
            .extend(container.secrets.iter().flatten().filter_map(|secret| secret.secret_name.clone()));
    }
}
