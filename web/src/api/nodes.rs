//! The engine and the nodes of the swarm, as observed.

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::Result;
use super::{NodeId, Time};

/// What is known of the engine. When it does not answer, nothing is claimed about what runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineView {
    /// It answered last time.
    pub known: bool,
    /// Why it did not, and what to do, in a sentence.
    pub reason: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Nodes that are ready, and all; none if not known.
    pub nodes: Option<(u64, u64)>,
    /// When it last answered.
    pub seen_at: Option<Time>,
}

/// A node of the swarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NodeView {
    /// Its id.
    pub id: NodeId,
    /// Its host name.
    pub name: String,
    /// It is a manager.
    pub manager: bool,
    /// It leads the managers.
    pub leader: bool,
    /// The engine's word: `ready`, `down`, `disconnected`, `unknown`.
    pub state: String,
    /// The engine's word: `active`, `pause`, `drain`.
    pub availability: String,
    /// Its address.
    pub address: String,
    /// The engine's version.
    pub engine: String,
    /// CPUs.
    pub cpus: f64,
    /// Bytes of memory.
    pub memory: u64,
    /// Tasks that run on it.
    pub tasks: u64,
    /// Its environment for people, `shop / staging`; none if it is shared.
    pub environment: Option<String>,
    /// Services that run on it and belong elsewhere; none if the engine does not tell.
    pub strangers: Option<Vec<String>>,
    /// Labels as `key=value`.
    pub labels: Vec<String>,
}

/// A replica of the edge: one Traefik.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdgeView {
    /// Its node's name.
    pub node: String,
    /// `current`: it serves what is true now; `behind`: not yet; `silent`: not heard of for a minute.
    pub state: String,
    /// Its last report.
    pub seen_at: Time,
}

/// Questions about the cluster.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Nodes: Send + Sync {
    /// What is known of the engine; never an error when the engine is away.
    async fn engine(&self) -> Result<EngineView>;

    /// All nodes, managers first; `Unavailable` if the engine does not tell.
    async fn nodes(&self) -> Result<Vec<NodeView>>;

    /// The replicas of the edge, by node.
    async fn edges(&self) -> Result<Vec<EdgeView>>;

    /// The environments that a node can be reserved for: ids with names.
    async fn node_environments(&self) -> Result<Vec<(String, String)>>;

    /// Reserves a node for an environment; `Conflict` while it is another's. Faults at `environment`.
    async fn reserve_node(&self, id: &NodeId, environment: &str) -> Result<()>;

    /// Shares it again; `Conflict` if it is the last of an environment whose apps run.
    async fn release_node(&self, id: &NodeId) -> Result<()>;
}
