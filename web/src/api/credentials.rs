//! Credentials for git hosts and registries. The secret part goes in and never comes out.

use serde::{Deserialize, Serialize};

use super::{CredentialId, Time};
#[cfg(feature = "ssr")]
use super::{EnvironmentId, Result, Secret};

/// What a credential is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// User and token for git over https.
    GitToken,
    /// A key for git over ssh, given or made by Skep.
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
    /// Whose it is: `team`, `project:ID` or `environment:ID`. Only apps there use it.
    pub place: String,
    /// For people: `the whole team`, `shop`, `shop / staging`.
    pub place_name: String,
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
    /// Whose it will be: `team`, `project:ID` or `environment:ID`.
    pub place: String,
    /// For people.
    pub title: String,
    /// The host.
    pub host: String,
    /// The user name; empty for a key.
    pub username: String,
    /// Token or password; a private key, or empty to have one made.
    pub secret: Secret,
}

/// A key of an ssh host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostKeyView {
    /// Where it is trusted: `team`, `project:ID` or `environment:ID`, there and below.
    pub place: String,
    /// For people: `the whole team`, `shop`, `shop / staging`.
    pub place_name: String,
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
    /// Those that one manages, by title.
    async fn credentials(&self) -> Result<Vec<CredentialView>>;

    /// Those that one manages and that apps of an environment may use, nearest first.
    async fn credentials_for(&self, environment: &EnvironmentId) -> Result<Vec<CredentialView>>;

    /// The places where one manages credentials, with their names; the team first.
    async fn credential_places(&self) -> Result<Vec<(String, String)>>;

    /// Stores one, or makes a key. Faults at `place`, `title`, `host`, `username`, `secret`.
    async fn create_credential(&self, new: NewCredential) -> Result<CredentialView>;

    /// Removes one; `Conflict` while an app uses it.
    async fn delete_credential(&self, id: &CredentialId) -> Result<()>;

    /// The trusted keys of ssh hosts where one manages them, by host.
    async fn host_keys(&self) -> Result<Vec<HostKeyView>>;

    /// What a host shows now, to be trusted at a place; nothing is saved. Faults at `place`, `host`.
    async fn look_up_host(&self, place: &str, host: &str) -> Result<Vec<HostKeyView>>;

    /// Trusts keys of a host at a place: lines of known_hosts(5). Faults at `place`, `host`, `line`.
    async fn trust_host(&self, place: &str, host: &str, lines: &[String]) -> Result<()>;

    /// Trusts no key of a host at a place any more.
    async fn forget_host(&self, place: &str, host: &str) -> Result<()>;
}
