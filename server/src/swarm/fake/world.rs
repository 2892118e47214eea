//! All that the fake swarm holds.

use std::collections::{BTreeMap, BTreeSet};

use bollard::models::{Config, Network, ObjectVersion, Secret, TaskSpec};

use super::{
    super::{ImageFacts, LogLine, Node},
    Behaviour,
    service::Held,
    trouble::{Random, Trouble},
};
use crate::domain::clock::Time;

/// Whose tasks behave so.
#[derive(Debug)]
pub(super) enum Which {
    Image(String),
    Service(String),
}

#[derive(Debug)]
pub(super) struct World {
    pub(super) networks: BTreeMap<String, Network>,
    pub(super) secrets: BTreeMap<String, Secret>,
    pub(super) configs: BTreeMap<String, Config>,
    pub(super) services: BTreeMap<String, Held>,
    pub(super) images: BTreeMap<String, ImageFacts>,
    pub(super) image_labels: BTreeMap<String, BTreeMap<String, String>>,
    pub(super) volumes: BTreeSet<String>,
    /// What volumes hold, bytes.
    pub(super) sizes: BTreeMap<String, i64>,
    pub(super) nodes: Vec<Node>,
    pub(super) logs: Vec<LogLine>,
    pub(super) ipvs: bool,
    pub(super) behaviours: Vec<(Which, Behaviour)>,
    pub(super) trouble: Trouble,
    pub(super) calls: BTreeMap<String, u64>,
    pub(super) effects: BTreeMap<String, u64>,
    index: u64,
    pub(super) ticks: i64,
}

/// Ready managers of these names, of which the first one leads.
pub(super) fn nodes(names: &[&str]) -> Vec<Node> {
    let node = |(i, name): (usize, &&str)| Node {
        id: (*name).to_owned(),
        hostname: (*name).to_owned(),
        role: "manager".to_owned(),
        state: "ready".to_owned(),
        availability: "active".to_owned(),
        leader: i == 0,
        address: format!("10.0.0.{}", 11 + i),
        engine: "20.10.24".to_owned(),
        cpus: 2,
        memory: 4 << 30,
        labels: BTreeMap::new(),
    };
    names.iter().enumerate().map(node).collect()
}

impl World {
    pub(super) fn new(seed: u64, one_in: u64) -> Self {
        Self {
            networks: BTreeMap::new(),
            secrets: BTreeMap::new(),
            configs: BTreeMap::new(),
            services: BTreeMap::new(),
            images: BTreeMap::new(),
            image_labels: BTreeMap::new(),
            volumes: BTreeSet::new(),
            sizes: BTreeMap::new(),
            nodes: nodes(&["m1"]),
            logs: Vec::new(),
            ipvs: false,
            behaviours: Vec::new(),
            trouble: Trouble { one_in, random: Random(seed), ..Trouble::default() },
            calls: BTreeMap::new(),
            effects: BTreeMap::new(),
            index: 10,
            ticks: 0,
        }
    }

    /// Counts a call.
    pub(super) fn count(&mut self, verb: &str) {
        *self.calls.entry(verb.to_owned()).or_default() += 1;
    }

    /// Counts a change.
    pub(super) fn effect(&mut self, verb: &str) {
        *self.effects.entry(verb.to_owned()).or_default() += 1;
    }

    /// The next version index.
    #[expect(clippy::unnecessary_wraps, reason = "the engine's models hold it so")]
    pub(super) fn version(&mut self) -> Option<ObjectVersion> {
        self.index += 1;
        Some(ObjectVersion { index: Some(self.index) })
    }

    /// A new id, of the length and letters of Swarm's.
    pub(super) fn id(&mut self) -> String {
        self.index += 1;
        format!("{:0>9}{:0>20}", self.index, self.trouble.random.below(u64::MAX))
    }

    /// Time by ticks, from an arbitrary start.
    pub(super) fn now(&self) -> Time {
        Time::UNIX_EPOCH + chrono::Duration::seconds(1_800_000_000 + self.ticks)
    }

    /// The network's name, whether it is named by id or by name.
    pub(super) fn network_name(&self, target: &str) -> Option<String> {
        self.networks
            .values()
            .find(|network| network.id.as_deref() == Some(target) || network.name.as_deref() == Some(target))
            .and_then(|network| network.name.clone())
    }

    /// How tasks of this template will live.
    pub(super) fn behaviour(&self, service: &str, template: &TaskSpec) -> Behaviour {
        let image = template.container_spec.as_ref().and_then(|c| c.image.as_deref()).unwrap_or_default();
        let found = self.behaviours.iter().find(|(which, _)| match which {
            Which::Image(part) => image.contains(part.as_str()),
            Which::Service(name) => name == service,
        });
        found.map_or(Behaviour::Healthy, |(_, behaviour)| *behaviour)
    }

    /// Lets every service go on by one tick.
    pub(super) fn tick(&mut self) {
        self.ticks += 1;
        let mut services = std::mem::take(&mut self.services);
        for held in services.values_mut() {
            held.tick(self);
        }
        self.services = services;
    }
}
