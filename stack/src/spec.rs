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
use serde::{Deserialize, Deserializer, Serialize};

use crate::writer::Words;

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
    /// What a service waits for, by service and then by the service that it needs. Releases that
    /// were stored before there were conditions hold a list of names instead.
    #[serde(deserialize_with = "either")]
    pub after: BTreeMap<String, Needs>,
    /// What the images of services run by themselves, as far as it is known: who puts something in
    /// front of a program later must be able to name it. Releases of before it was kept have none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub starts: BTreeMap<String, Words>,
}

/// The services that one service needs.
pub type Needs = BTreeMap<String, Need>;

/// How a service needs another (`depends_on` of the Compose specification).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Need {
    /// It is neither made nor changed before the other has come so far.
    pub until: Condition,
    /// Its tasks are replaced whenever those of the other were.
    pub restart: bool,
}

/// How far a needed service must have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// A task of it runs, healthy or not yet.
    #[default]
    Started,
    /// All its tasks are healthy, and an update of it is through.
    Healthy,
    /// It is a job, and its last run has ended well.
    Completed,
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

    /// What a service waits for; nothing if it waits for none.
    pub fn needs(&self, service: &str) -> impl Iterator<Item = (&String, &Need)> {
        self.after.get(service).into_iter().flatten()
    }
}

fn either<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, Needs>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stored {
        Names(Vec<String>),
        Needs(Needs),
    }
    let needs = |stored: Stored| match stored {
        Stored::Names(names) => names.into_iter().map(|name| (name, Need::default())).collect(),
        Stored::Needs(needs) => needs,
    };
    let stored = BTreeMap::<String, Stored>::deserialize(from)?;
    Ok(stored.into_iter().map(|(name, stored)| (name, needs(stored))).collect())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_what_comes_first_are_read_and_one_is_written() {
        let text = |after: &str| {
            format!(
                r#"{{"name":"s","networks":{{}},"secrets":{{}},"configs":{{}},"services":{{}},"volumes":[],"after":{after}}}"#
            )
        };
        let read = |after: &str| serde_json::from_str::<StackSpec>(&text(after)).unwrap();
        let old = read(r#"{"web": ["db"]}"#);
        assert_eq!(old.after["web"]["db"], Need::default());
        let new =
            read(r#"{"web": {"move": {"until": "completed", "restart": true}, "db": {"until": "healthy"}}}"#);
        assert_eq!(new.after["web"]["move"], Need { until: Condition::Completed, restart: true });
        assert_eq!(new.after["web"]["db"], Need { until: Condition::Healthy, restart: false });
        assert_eq!(
            serde_json::from_value::<StackSpec>(serde_json::to_value(&new).unwrap()).unwrap().after,
            new.after
        );
        assert!(serde_json::from_str::<StackSpec>(&text(r#"{"web": {"db": {"until": "later"}}}"#)).is_err());
    }
}
