//! What every handler can reach.

use crate::db::Db;

/// Shared by all requests.
#[derive(Clone)]
pub struct State {
    /// What is remembered.
    pub db: Db,
}

impl State {
    /// A state over these parts.
    #[must_use]
    pub const fn new(db: Db) -> Self {
        Self { db }
    }
}
