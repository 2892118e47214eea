//! The canonical form: a stack as the bodies that the engine's API takes.
//!
//! Everything that becomes a stack (an app's settings, a Compose file, later a template) ends
//! here, and policy, validation, plan and rollback know only this form.

use std::collections::BTreeMap;

use bollard_stubs::models::{ConfigSpec, NetworkCreateRequest, SecretSpec, ServiceSpec};
use serde::{Deserialize, Serialize};

/// A whole stack, final names as keys.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
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
