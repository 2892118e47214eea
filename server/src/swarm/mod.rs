//! The engine: the only place (with `build`) that speaks with Docker. Swarm's words are used for
//! Swarm's things here, and nowhere above but in passing.
//!
//! An answer that failed or is empty without reason means "unknown", never "all gone": every
//! method returns an error rather than an empty list.
//!
//! To add a call: a method of [`Engine`], its body in a file named by what it is about, a line in
//! `docker.rs`, its twin in `fake/engine.rs`, and a test on a real engine in `tests/tests/engine/`.
//!
//! The client library writes bodies into its debug log: its log level must stay at `info` or above.

pub mod address;
mod around;
mod client;
mod docker;
mod events;
pub mod fake;
mod health;
mod images;
mod info;
mod log_frames;
mod logs;
mod networks;
mod nodes;
mod observe;
mod perform;
pub mod probe;
mod read_back;
mod references;
pub(crate) mod refusal;
mod same;
mod stored;
mod tasks;
mod volumes;
pub(crate) mod wire;

pub use client::DockerEngine;

use std::collections::BTreeMap;

use async_trait::async_trait;
use futures::stream::BoxStream;
use serde::{Deserialize, Serialize};
use skep_stack::{cluster::Cluster, observed::Observed, plan::Action};

use crate::domain::{clock::Time, secret::Secret};

/// Why a call to the engine did not give what was asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Not reachable, or no answer in time: nothing is known. Worth another try.
    #[error("the engine does not answer: {0}")]
    Unreachable(String),
    /// Reachable, but the swarm cannot act now (no leader, no quorum). Worth another try.
    #[error("the engine cannot do it now: {0}")]
    Unavailable(String),
    /// The version index moved on, or the object is there already: look again, plan again.
    #[error("the engine's state moved on: {0}")]
    Conflict(String),
    /// No such object.
    #[error("not found: {0}")]
    NotFound(String),
    /// The engine refuses, and will again.
    #[error("the engine refuses: {0}")]
    Refused(String),
}

impl EngineError {
    /// Whether the same call may succeed later.
    #[must_use]
    pub const fn transient(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Unavailable(_))
    }
}

/// What the engine says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineInfo {
    /// `20.10.24`
    pub version: String,
    /// The negotiated API version: `1.41`.
    pub api: String,
    /// It is an active manager of a swarm.
    pub manager: bool,
    /// The swarm's node id of this engine.
    pub node_id: String,
    /// Nodes in the swarm, if it is a manager.
    pub nodes: u64,
    /// The kernel has IPVS: service VIPs and the routing mesh work.
    pub ipvs: bool,
    /// `x86_64`, `aarch64`...
    pub architecture: String,
    /// Total memory, bytes.
    pub memory: i64,
    /// CPUs.
    pub cpus: i64,
}

/// Credentials of a registry, given with a call and never stored in a spec.
#[derive(Debug, Clone)]
pub struct RegistryAuth {
    /// The registry's host (and port).
    pub host: String,
    /// User name.
    pub username: String,
    /// Password or token.
    pub password: Secret,
}

/// A Swarm task, as far as we look at it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Task {
    /// The task's id.
    pub id: String,
    /// The service's id.
    pub service: String,
    /// The service's name.
    pub service_name: String,
    /// The node it is on, if placed.
    pub node: Option<String>,
    /// The slot, for replicated services.
    pub slot: Option<i64>,
    /// It was made from the service's present task template, not from an earlier one. The engine
    /// tells no version, so templates are compared; a change of the stop grace alone does not show.
    /// Of a job: it belongs to the last run.
    pub current: bool,
    /// The image in its spec.
    pub image: String,
    /// `running`, `failed`, `pending`... as observed, lower case.
    pub state: String,
    /// What Swarm wants: `running`, `shutdown`...
    pub desired: String,
    /// When the state was observed.
    pub since: Option<Time>,
    /// The engine's own words on what went wrong.
    pub error: Option<String>,
    /// Exit code, if it ended.
    pub exit_code: Option<i64>,
    /// Container id, once there is one.
    pub container: Option<String>,
    /// Its program hears of the end a while after Swarm decided on it (`skep_stack::drain`).
    #[serde(default)]
    pub held: bool,
    /// IPv4 addresses by network name, without prefix length.
    pub addresses: Vec<(String, String)>,
}

/// A node of the swarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Its id.
    pub id: String,
    /// Its host name.
    pub hostname: String,
    /// `manager` or `worker`.
    pub role: String,
    /// `ready`, `down`, `unknown`...
    pub state: String,
    /// `active`, `pause`, `drain`.
    pub availability: String,
    /// The leader of the managers.
    pub leader: bool,
    /// Its address.
    pub address: String,
    /// Engine version.
    pub engine: String,
    /// CPUs.
    pub cpus: i64,
    /// Memory, bytes.
    pub memory: i64,
    /// Labels.
    pub labels: std::collections::BTreeMap<String, String>,
}

/// A line that an app wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// When, if the engine tells.
    pub at: Option<Time>,
    /// The service's name.
    pub service: String,
    /// The task's id, if the engine tells.
    pub task: Option<String>,
    /// It came on standard error.
    pub stderr: bool,
    /// The line, valid UTF-8, without line end, cut at 16 KiB.
    pub line: String,
}

/// Which log lines are asked for.
#[derive(Debug, Clone, Default)]
pub struct LogQuery {
    /// The last so many lines of each task; all if none.
    pub tail: Option<u32>,
    /// Go on with new lines.
    pub follow: bool,
    /// One task only.
    pub task: Option<String>,
}

/// What is known of a local image.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImageFacts {
    /// `sha256:…` of the image's configuration.
    pub id: String,
    /// `name@sha256:…` by which registries know it.
    pub digests: Vec<String>,
    /// `Config.Healthcheck.Test`, if it has one.
    pub health: Option<Vec<String>>,
    /// The lowest TCP port of `EXPOSE`.
    pub port: Option<u16>,
    /// What it runs; none if the engine does not tell.
    pub words: Option<skep_stack::writer::Words>,
    /// `Config.User` is not empty.
    pub user: Option<String>,
}

/// A Docker engine that is a Swarm manager.
#[async_trait]
pub trait Engine: Send + Sync {
    /// What it is, and whether it is there at all.
    async fn info(&self) -> Result<EngineInfo, EngineError>;
    /// Everything with this stack's label.
    async fn observe(&self, stack: &str) -> Result<Observed, EngineError>;
    /// Does one action. Repeating one that is already done is no error: an ambiguous answer is
    /// read back first. Gives the id of the object.
    async fn perform(&self, action: &Action, auth: Option<&RegistryAuth>) -> Result<String, EngineError>;
    /// All tasks of a stack, newest first, ended ones too.
    async fn tasks(&self, stack: &str) -> Result<Vec<Task>, EngineError>;
    /// All tasks of all services that carry this label key.
    async fn tasks_labelled(&self, label: &str) -> Result<Vec<Task>, EngineError>;
    /// Lines of a service's tasks, or of one task.
    async fn logs(
        &self,
        service: &str,
        query: &LogQuery,
    ) -> Result<BoxStream<'static, Result<LogLine, EngineError>>, EngineError>;
    /// What the health check of a task's container said when it failed, oldest first: the engine keeps
    /// the last few. Empty if it has none, or is not on this engine's node.
    async fn health(&self, container: &str) -> Result<Vec<String>, EngineError>;
    /// Everything beside this stack that it may clash with.
    async fn around(&self, stack: &str) -> Result<Cluster, EngineError>;
    /// All nodes.
    async fn nodes(&self) -> Result<Vec<Node>, EngineError>;
    /// Sets a label of a node, or takes it away; others stay.
    async fn label_node(&self, node: &str, key: &str, value: Option<&str>) -> Result<(), EngineError>;
    /// Makes the overlay network if it is not there; its id.
    async fn ensure_network(
        &self,
        name: &str,
        attachable: bool,
        labels: &[(&str, &str)],
    ) -> Result<String, EngineError>;
    /// Removes a network that nothing uses; not being there is no error.
    async fn remove_network(&self, name: &str) -> Result<(), EngineError>;
    /// A local image.
    async fn image(&self, reference: &str) -> Result<Option<ImageFacts>, EngineError>;
    /// Gets an image from its registry and tells what came.
    async fn pull(&self, reference: &str, auth: Option<&RegistryAuth>) -> Result<ImageFacts, EngineError>;
    /// Sends a local image to its registry; `name@sha256:…` as the registry answered.
    async fn push(&self, reference: &str, auth: Option<&RegistryAuth>) -> Result<String, EngineError>;
    /// Gives a local image one more name.
    async fn tag(&self, image: &str, reference: &str) -> Result<(), EngineError>;
    /// Removes a local image name; not being there is no error.
    async fn remove_image(&self, reference: &str) -> Result<(), EngineError>;
    /// Local image names (`repository:tag`) that carry this label, with their label value.
    async fn images_labelled(&self, label: &str) -> Result<Vec<(String, String)>, EngineError>;
    /// Removes a volume on this engine's node; not being there is no error.
    async fn remove_volume(&self, name: &str) -> Result<(), EngineError>;
    /// Whether a volume of this name exists on this engine's node.
    async fn volume_exists(&self, name: &str) -> Result<bool, EngineError>;
    /// What the volumes on this engine's node hold, bytes by name; those whose driver does not tell are left
    /// out. The engine reads each volume whole: seconds to minutes.
    async fn volume_sizes(&self) -> Result<BTreeMap<String, i64>, EngineError>;
    /// Ticks when something changed in the swarm: a hint, never truth. Ends when the engine goes.
    async fn changes(&self) -> Result<BoxStream<'static, ()>, EngineError>;
}
