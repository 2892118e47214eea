//! Stored credentials for git and registries; the secret part is sealed and never shown.

use serde::{Deserialize, Serialize};

use super::{
    clock::Time,
    id::{CredentialId, TeamId},
    name::DisplayName,
    right::Place,
};

/// What a credential is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// User and token for git over https.
    GitToken,
    /// A key for git over ssh, given or made by Skep; the public half is shown.
    GitKey,
    /// User and password of a registry.
    Registry,
}

impl Kind {
    /// The name in tables and API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GitToken => "git_token",
            Self::GitKey => "git_key",
            Self::Registry => "registry",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::GitToken, Self::GitKey, Self::Registry].into_iter().find(|k| k.name() == name)
    }
}

/// A stored credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Its id.
    pub id: CredentialId,
    /// The owner.
    pub team: TeamId,
    /// Whose it is within the team: apps that lie elsewhere do not use it.
    pub place: Place,
    /// What it is for.
    pub kind: Kind,
    /// For people.
    pub title: DisplayName,
    /// The host it may be sent to; never to another.
    pub host: String,
    /// The user name, if it has one.
    pub username: Option<String>,
    /// The public half of a key, in OpenSSH's one-line form.
    pub public: Option<String>,
    /// Token, password or private key, encrypted.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Time,
}
