//! Service accounts: members that nobody is, who act by their tokens alone.

use serde::{Deserialize, Serialize};

use super::{MemberView, TokenView};
#[cfg(feature = "ssr")]
use super::{Result, Secret};

/// A service account of the team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceAccountView {
    /// Its name: `ci`.
    pub name: String,
    /// The member that it is, with its roles.
    pub member: MemberView,
    /// Its tokens, newest first; none for whoever may not manage members.
    pub tokens: Vec<TokenView>,
}

/// Commands about service accounts of the team that is looked at; `team` tells which there are.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait ServiceAccounts: Send + Sync {
    /// Makes one, without any role. Fault at `name`; `Conflict` if the name is taken.
    async fn create_service_account(&self, name: &str) -> Result<()>;

    /// Renames one. Fault at `name`; `Conflict` if the name is taken.
    async fn rename_service_account(&self, id: &str, name: &str) -> Result<()>;

    /// Removes one with its tokens.
    async fn remove_service_account(&self, id: &str) -> Result<()>;

    /// Makes a token of one that ends after `days`, or never; its value is told this once. Faults at
    /// `name`, `days`.
    async fn create_service_token(&self, id: &str, name: &str, days: Option<u32>) -> Result<Secret>;

    /// Takes a token of one back.
    async fn end_service_token(&self, id: &str, token: &str) -> Result<()>;
}
