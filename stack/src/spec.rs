//! The canonical form: a stack as the bodies that the engine's API takes.
//!
//! Everything that becomes a stack (an app's settings, a Compose file, later a template) ends
//! here, and policy, validation, plan and rollback know only this form. To add a kind of object:
//! a field here, and its part in `policy`, `validate`, `plan` and `collect`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use bollard_stubs::models::{ConfigSpec, NetworkCreateRequest, SecretSpec, ServiceSpec};
use serde::{Deserialize, Serialize};

/// A whole stack, final names as keys.
///
/// `ConfigID` and `SecretID` of the services are empty: the objects may not be there yet. Whoever
/// sends a service fills them in by `ConfigName` and `SecretName`.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct StackSpec {
    /// The stack's name in Swarm: prefix of all its objects.
    pub name: String,
    /// Networks to make; external ones are named by the services alone.
    pub networks: BTreeMap<String, NetworkCreateRequest>,
    /// Secrets; the name carries a hash of the content.
    pub secrets: BTreeMap<String, SecretSpec>,
    /// Configs; the name carries a hash of the content.
    pub configs: BTreeMap<String, ConfigSpec>,
    /// Services.
    pub services: BTreeMap<String, ServiceSpec>,
    /// Named volumes of the services (the engine makes them when a task starts).
    pub volumes: Vec<String>,
    /// A service starts after these services are healthy.
    pub after: BTreeMap<String, Vec<String>>,
}

impl StackSpec {
    /// Names of the networks that services join and that the stack does not make itself: they
    /// must be there before the services.
    #[must_use]
    pub fn external_networks(&self) -> BTreeSet<String> {
        self.services
            .values()
            .filter_map(|service| service.task_template.as_ref()?.networks.as_ref())
            .flatten()
            .filter_map(|network| network.target.clone())
            .filter(|name| !self.networks.contains_key(name))
            .collect()
    }
}

/// Names only: bodies hold variables and the data of secrets.
impl fmt::Debug for StackSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StackSpec")
            .field("name", &self.name)
            .field("networks", &self.networks.keys())
            .field("secrets", &self.secrets.keys())
            .field("configs", &self.configs.keys())
            .field("services", &self.services.keys())
            .field("volumes", &self.volumes)
            .field("after", &self.after)
            .finish()
    }
}
