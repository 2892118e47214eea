//! Credentials for git hosts and registries. The secret part goes in and never comes out.

use serde::{Deserialize, Serialize};

use super::{CredentialId, Time};
#[cfg(feature = "ssr")]
use super::{Result, Secret};

/// What a credential is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// User and token for git over https.
    GitToken,
    /// A key made by Skep for git over ssh.
    GitKey,
    /// User and password of a registry.
    Registry,
}

/// A credential without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialView {
    /// Its id.
    pub id: CredentialId,
    /// What it is for.
    pub kind: CredentialKind,
    /// For people.
    pub title: String,
    /// The only host it is sent to.
    pub host: String,
    /// The user name, if it has one.
    pub username: Option<String>,
    /// The public half of a key, to enter at the git host.
    pub public: Option<String>,
    /// How many apps use it.
    pub used_by: u64,
    /// When it was made.
    pub created_at: Time,
}

/// A new credential as it was entered.
#[cfg(feature = "ssr")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCredential {
    /// What it is for.
    pub kind: CredentialKind,
    /// For people.
    pub title: String,
    /// The host.
    pub host: String,
    /// The user name; empty for a key.
    pub username: String,
    /// Token or password; empty for a key, which Skep makes.
    pub secret: Secret,
}

/// A key of an ssh host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostKeyView {
    /// Whose it is, without a port.
    pub host: String,
    /// `ssh-ed25519`.
    pub algorithm: String,
    /// `SHA256:...`, as hosts publish it.
    pub fingerprint: String,
    /// The whole line, to be saved.
    pub line: String,
}

/// Questions and commands about credentials.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Credentials: Send + Sync {
    /// All of the team, by title.
    async fn credentials(&self) -> Result<Vec<CredentialView>>;

    /// Stores one, or makes a key. Faults at `title`, `host`, `username`, `secret`.
    async fn create_credential(&self, new: NewCredential) -> Result<CredentialView>;

    /// Removes one; `Conflict` while an app uses it.
    async fn delete_credential(&self, id: &CredentialId) -> Result<()>;

    /// All trusted keys of ssh hosts, by host.
    async fn host_keys(&self) -> Result<Vec<HostKeyView>>;

    /// What a host shows now; nothing is saved. Faults at `host`.
    async fn look_up_host(&self, host: &str) -> Result<Vec<HostKeyView>>;

    /// Trusts keys of a host: lines of known_hosts(5). Faults at `host`, `line`.
    async fn trust_host(&self, host: &str, lines: &[String]) -> Result<()>;

    /// Trusts no key of a host any more.
    async fn forget_host(&self, host: &str) -> Result<()>;
}
