//! The ordered actions from what runs to what is wanted.
//!
//! - `make`: the comparison of a whole stack.
//! - `normal`: one form for what we send and what an engine stores of it.
//! - `diff`: the fields that differ, without the values of variables.
//! - `order`: services after those that they need; `restart`: those that restart with them.
//! - [`collect`]: what an older version needed and nothing needs any more.
//!
//! To add a kind of object: its actions here, its comparison in `make`, its removal in `collect`.

mod collect;
mod diff;
mod make;
mod normal;
mod order;
mod restart;
#[cfg(test)]
pub(crate) mod stored;

use std::fmt;

use bollard_stubs::models::{ConfigSpec, NetworkCreateRequest, SecretSpec, ServiceSpec};
use serde::{Deserialize, Serialize};

pub use self::{collect::collect, make::plan, normal::same_endpoint, restart::marked};

/// One call to the engine. Its body may hold variables and the data of secrets: show
/// [`Plan::lines`] instead.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Action {
    /// Make a network.
    CreateNetwork {
        /// Its name.
        name: String,
        /// The body.
        body: Box<NetworkCreateRequest>,
    },
    /// Make a secret.
    CreateSecret {
        /// Its name.
        name: String,
        /// The body.
        body: Box<SecretSpec>,
    },
    /// Make a config.
    CreateConfig {
        /// Its name.
        name: String,
        /// The body.
        body: Box<ConfigSpec>,
    },
    /// Make a service.
    CreateService {
        /// Its name.
        name: String,
        /// The body.
        body: Box<ServiceSpec>,
    },
    /// Change a service in place.
    UpdateService {
        /// Its name.
        name: String,
        /// The engine's id.
        id: String,
        /// The version index that was observed: the engine refuses if it moved on.
        version: u64,
        /// The body.
        body: Box<ServiceSpec>,
        /// What differs, secrets masked.
        changes: Vec<Change>,
        /// Whether tasks will be replaced.
        restarts: bool,
    },
    /// Remove a service.
    RemoveService {
        /// Its name.
        name: String,
        /// The engine's id.
        id: String,
    },
    /// Remove a config that nothing needs.
    RemoveConfig {
        /// Its name.
        name: String,
        /// The engine's id.
        id: String,
    },
    /// Remove a secret that nothing needs.
    RemoveSecret {
        /// Its name.
        name: String,
        /// The engine's id.
        id: String,
    },
    /// Remove a network.
    RemoveNetwork {
        /// Its name.
        name: String,
        /// The engine's id.
        id: String,
    },
}

/// One field that differs. Values of variables, secrets and configs are never in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Change {
    /// The path in the engine's body: `TaskTemplate.ContainerSpec.Image`,
    /// `TaskTemplate.ContainerSpec.Env.KEY`.
    pub path: String,
    /// What runs; none if absent; `set` for a variable.
    pub from: Option<String>,
    /// What is wanted; none if absent; `set` or `changed` for a variable.
    pub to: Option<String>,
}

impl Action {
    /// `create_service`, `update_service`...: the same as in JSON.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::CreateNetwork { .. } => "create_network",
            Self::CreateSecret { .. } => "create_secret",
            Self::CreateConfig { .. } => "create_config",
            Self::CreateService { .. } => "create_service",
            Self::UpdateService { .. } => "update_service",
            Self::RemoveService { .. } => "remove_service",
            Self::RemoveConfig { .. } => "remove_config",
            Self::RemoveSecret { .. } => "remove_secret",
            Self::RemoveNetwork { .. } => "remove_network",
        }
    }

    /// The name of the object.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::CreateNetwork { name, .. }
            | Self::CreateSecret { name, .. }
            | Self::CreateConfig { name, .. }
            | Self::CreateService { name, .. }
            | Self::UpdateService { name, .. }
            | Self::RemoveService { name, .. }
            | Self::RemoveConfig { name, .. }
            | Self::RemoveSecret { name, .. }
            | Self::RemoveNetwork { name, .. } => name,
        }
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind(), self.name())?;
        if let Self::UpdateService { changes, .. } = self {
            write!(f, " {changes:?}")?;
        }
        Ok(())
    }
}

/// An action as people may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Line {
    /// `create_service`, `update_service`...
    pub action: String,
    /// The name of the object.
    pub name: String,
    /// What differs, for updates.
    pub changes: Vec<Change>,
    /// Whether tasks will be replaced.
    pub restarts: bool,
}

/// The ordered actions; none if all is as wanted.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Plan {
    /// In the order in which they are to be done.
    pub actions: Vec<Action>,
}

impl Plan {
    /// The plan without bodies: no variable's value, no data of a secret or config.
    #[must_use]
    pub fn lines(&self) -> Vec<Line> {
        let line = |action: &Action| {
            let (changes, restarts) = match action {
                Action::UpdateService { changes, restarts, .. } => (changes.clone(), *restarts),
                _ => (Vec::new(), false),
            };
            Line { action: action.kind().to_owned(), name: action.name().to_owned(), changes, restarts }
        };
        self.actions.iter().map(line).collect()
    }
}
