//! Where an edge tells what it counted: Skep's `POST /edge/traffic`, by way of the keeper.

use async_trait::async_trait;

use crate::domain::traffic::Watching;

/// A report was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// Skep does not answer, or not now: the same report again later.
    #[error("Skep does not take what was counted: {0}")]
    Later(String),
    /// Skep never takes this one.
    #[error("Skep refuses what was counted: status {0}")]
    Never(u16),
}

/// Takes reports.
#[async_trait]
pub trait Skep: Send + Sync {
    /// Sends a [`Report`](crate::domain::traffic::Report) as JSON; a repeat of the same counts once.
    async fn report(&self, body: Vec<u8>) -> Result<Watching, NotTaken>;
}
