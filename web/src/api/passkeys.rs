//! Passkeys of the actor. They are registered, and sign in, by scripts alone, which ask the JSON API.

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::Result;
use super::Time;

/// A passkey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyView {
    /// Its id.
    pub id: String,
    /// For people.
    pub name: String,
    /// When it was registered.
    pub created_at: Time,
    /// When it last signed in.
    pub used_at: Option<Time>,
}

/// Questions and commands about them.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Passkeys: Send + Sync {
    /// The actor's, oldest first.
    async fn passkeys(&self) -> Result<Vec<PasskeyView>>;

    /// Renames one. Fault at `name`.
    async fn rename_passkey(&self, id: &str, name: &str) -> Result<()>;

    /// Removes one. `Conflict` if it is the last way in.
    async fn remove_passkey(&self, id: &str) -> Result<()>;
}
