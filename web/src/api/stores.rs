//! Secret stores that the team has elsewhere. Credentials go in and never come out.

use serde::{Deserialize, Serialize};

use super::Time;
#[cfg(feature = "ssr")]
use super::{Result, Secret};

/// A secret store without its credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreView {
    /// Its id.
    pub id: String,
    /// What variables call it.
    pub name: String,
    /// `vault`, `infisical`, `aws`, `doppler`, `onepassword`.
    pub kind: String,
    /// Where it answers.
    pub address: String,
    /// Whose apps may use it, for people: `the whole team`, `shop`, `shop / staging`.
    pub place_name: String,
    /// When it was made.
    pub created_at: Time,
}

/// All that the page of stores shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoresView {
    /// Those that the viewer may see, by name.
    pub stores: Vec<StoreView>,
    /// Where a store can be for: values and their texts.
    pub places: Vec<(String, String)>,
}

/// A new store as it was entered. What its kind does not have is not looked at.
#[cfg(feature = "ssr")]
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewStore {
    /// What variables call it.
    pub name: String,
    /// `team`, `project:ID` or `environment:ID`.
    pub place: String,
    /// Its kind.
    pub kind: String,
    /// Where it answers; empty for the kind's own address.
    pub address: String,
    /// Vault's mount.
    pub mount: String,
    /// Vault's version of keys and values: `v1` or `v2`.
    pub version: String,
    /// Vault's namespace.
    pub namespace: String,
    /// Infisical's project.
    pub project: String,
    /// Infisical's environment.
    pub environment: String,
    /// The region of AWS.
    pub region: String,
    /// A role, a client or an access key; empty for a token alone.
    pub login_id: String,
    /// The token, or the secret of the id.
    pub login_secret: Secret,
}

/// Questions and commands about secret stores.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Stores: Send + Sync {
    /// All that the page shows.
    async fn stores(&self) -> Result<StoresView>;

    /// Names one. Faults at `name`, `place`, `address`, `settings.…`, `login.id`, `login.secret`.
    async fn create_store(&self, new: NewStore) -> Result<()>;

    /// Gives one other credentials, and another address unless that is empty.
    async fn change_store(&self, id: &str, address: &str, login_id: &str, secret: Secret) -> Result<()>;

    /// Asks one now; what it says if it does not take the credentials.
    async fn check_store(&self, id: &str) -> Result<Option<String>>;

    /// Removes one; `Conflict` while variables refer to it.
    async fn delete_store(&self, id: &str) -> Result<()>;
}
