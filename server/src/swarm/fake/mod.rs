//! A swarm in memory, for tests of everything above the engine.
//!
//! It keeps what it is given with an engine's defaults and version indexes, lets tasks converge
//! from poll to poll, returns to the previous version as Swarm does, and misbehaves: by its seed
//! (lost answers, slow starts, hints twice over) and by script.
//!
//! To add a misbehaviour: a variant of [`Behaviour`] and its life in `life.rs`, or a counter in
//! `trouble.rs`.

mod engine;
mod life;
mod objects;
mod service;
#[cfg(test)]
mod tests;
mod trouble;
mod world;

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;

use super::{ImageFacts, LogLine};
use world::World;

/// How the tasks of a version live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// Runs after a few polls.
    Healthy,
    /// Runs after this many polls.
    Slow(u64),
    /// Ends with code 1 as soon as it started.
    CrashesAtStart,
    /// Starts, and its check never succeeds.
    NeverHealthy,
    /// Its check succeeds, and soon after it ends. Where a held-back check guards it, it never counts as running.
    HealthyThenDies,
    /// No node can get its image.
    MissingImage,
    /// Until this tick the node has another network of the same addresses.
    AddressesTaken(i64),
}

/// A swarm in memory. Each reading of services or tasks lets it go on by one tick.
#[derive(Debug)]
pub struct FakeEngine {
    world: Mutex<World>,
    changes: broadcast::Sender<()>,
}

impl FakeEngine {
    /// One that misbehaves as its seed says: every sixteenth call or so fails, half of those
    /// after they took effect.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { world: Mutex::new(World::new(seed, 16)), changes: broadcast::channel(64).0 }
    }

    /// One that only does what a script says.
    #[must_use]
    pub fn calm() -> Self {
        Self { world: Mutex::new(World::new(1, 0)), changes: broadcast::channel(64).0 }
    }

    /// Tasks whose image contains `part` live like this.
    pub fn image_behaves(&self, part: &str, behaviour: Behaviour) {
        self.world().behaviours.insert(0, (world::Which::Image(part.to_owned()), behaviour));
    }

    /// Tasks of this service that are made from now on live like this.
    pub fn service_behaves(&self, name: &str, behaviour: Behaviour) {
        self.world().behaviours.insert(0, (world::Which::Service(name.to_owned()), behaviour));
    }

    /// The next `calls` calls find no engine.
    pub fn unreachable_for(&self, calls: u32) {
        self.world().trouble.unreachable = calls;
    }

    /// There is no engine until this is called with `false`.
    pub fn set_down(&self, down: bool) {
        self.world().trouble.down = down;
    }

    /// The next `calls` calls find a swarm without a leader.
    pub fn leaderless_for(&self, calls: u32) {
        self.world().trouble.leaderless = calls;
    }

    /// The next `calls` changes take effect, and their answers are lost.
    pub fn lose_answers(&self, calls: u32) {
        self.world().trouble.lost_answers = calls;
    }

    /// Before the next `calls` updates somebody else changes the service.
    pub fn conflict_for(&self, calls: u32) {
        self.world().trouble.conflicts = calls;
    }

    /// How often a method was called: `tasks`, `perform`, or an action by its name: `update_service`.
    #[must_use]
    pub fn calls(&self, verb: &str) -> u64 {
        self.world().calls.get(verb).copied().unwrap_or_default()
    }

    /// How often an action really changed something: `update_service`.
    #[must_use]
    pub fn effects(&self, verb: &str) -> u64 {
        self.world().effects.get(verb).copied().unwrap_or_default()
    }

    /// Forgets all counts.
    pub fn reset_counts(&self) {
        let mut world = self.world();
        world.calls.clear();
        world.effects.clear();
    }

    /// Lets it go on by so many ticks.
    pub fn tick(&self, ticks: u64) {
        let mut world = self.world();
        for _ in 0..ticks {
            world.tick();
        }
    }

    /// A local image.
    pub fn add_image(&self, reference: &str, facts: ImageFacts) {
        self.world().images.insert(reference.to_owned(), facts);
    }

    /// A label of a local image.
    pub fn label_image(&self, reference: &str, key: &str, value: &str) {
        let mut world = self.world();
        world.image_labels.entry(reference.to_owned()).or_default().insert(key.to_owned(), value.to_owned());
    }

    /// A volume on the engine's node.
    pub fn add_volume(&self, name: &str) {
        self.world().volumes.insert(name.to_owned());
    }

    /// A volume on the engine's node that holds so many bytes.
    pub fn fill_volume(&self, name: &str, bytes: i64) {
        self.add_volume(name);
        self.world().sizes.insert(name.to_owned(), bytes);
    }

    /// A line that a service wrote.
    pub fn add_log(&self, line: LogLine) {
        self.world().logs.push(line);
    }

    /// Ready managers of these names, which are their ids too; the first one leads.
    pub fn set_nodes(&self, names: &[&str]) {
        self.world().nodes = world::nodes(names);
    }

    /// Whether the kernel has IPVS; it has not at first.
    pub fn set_ipvs(&self, ipvs: bool) {
        self.world().ipvs = ipvs;
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
