//! What runs now, as the engine tells it. Filled by the server; plain data here.

use std::{collections::BTreeMap, fmt};

use bollard_stubs::models::{Config, Network, Secret, Service};
use serde::{Deserialize, Serialize};

/// All objects with a stack's label, by name.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Observed {
    /// Overlay networks.
    pub networks: BTreeMap<String, Network>,
    /// Secrets, without their data: the engine never tells it.
    pub secrets: BTreeMap<String, Secret>,
    /// Configs.
    pub configs: BTreeMap<String, Config>,
    /// Services, with id and version.
    pub services: BTreeMap<String, Service>,
    /// Names of networks by id, for all networks of the swarm: services name them by id.
    pub network_names: BTreeMap<String, String>,
}

/// Names only: bodies hold variables and the data of configs.
impl fmt::Debug for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observed")
            .field("networks", &self.networks.keys())
            .field("secrets", &self.secrets.keys())
            .field("configs", &self.configs.keys())
            .field("services", &self.services.keys())
            .finish_non_exhaustive()
    }
}
