//! Hints between tasks and replicas. They carry ids, never truth; a lost one costs a second.

pub mod local;
pub mod redis;

use async_trait::async_trait;
use futures::stream::BoxStream;

/// Something changed; whoever cares reads it again from SQL.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Hint {
    /// There may be a due job.
    Jobs,
    /// A deployment of this app moved on.
    App {
        /// Which.
        app: crate::domain::id::AppId,
    },
    /// A deployment has new log lines or another state.
    Deployment {
        /// Which.
        deployment: crate::domain::id::DeploymentId,
    },
    /// Routes or certificates changed.
    Edge,
    /// Requests that ended, for who watches them at this moment. Not kept anywhere, so they go along.
    Requests {
        /// The requests, of one domain or several.
        lines: Vec<crate::domain::traffic::Line>,
        /// So many more were left out.
        skipped: u64,
    },
}

/// Carries hints: within the process, or by Redis between replicas.
#[async_trait]
pub trait Bus: Send + Sync {
    /// Tells everybody; never fails, may be lost.
    async fn publish(&self, hint: Hint);
    /// All hints from now on. A slow reader misses some.
    fn subscribe(&self) -> BoxStream<'static, Hint>;
}
