//! The team: its members and their roles, invitations, and the teams that one can look at.

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::{Entry, Result, Secret};
use super::{ServiceAccountView, Time};

/// A role at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantView {
    /// `team`, `project:ID` or `environment:ID`.
    pub place: String,
    /// For people: `the whole team`, `shop`, `shop / staging`.
    pub place_name: String,
    /// `viewer`, `deployer`, `admin`, `owner`, or the id of one of the team's own.
    pub role: String,
    /// For people.
    pub role_name: String,
    /// An identity provider gave it, and takes it.
    pub provided: bool,
}

/// Somebody of the team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberView {
    /// Their id.
    pub id: String,
    /// Their address.
    pub email: String,
    /// It is whoever looks.
    pub me: bool,
    /// Their roles.
    pub grants: Vec<GrantView>,
    /// Since when.
    pub created_at: Time,
}

/// A role that can be given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleView {
    /// What grants name.
    pub id: String,
    /// For people.
    pub name: String,
    /// Every team has it.
    pub built_in: bool,
    /// What it gives.
    pub rights: Vec<String>,
}

/// An open invitation, without its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationView {
    /// Its id.
    pub id: String,
    /// For whom.
    pub email: String,
    /// The role, for people.
    pub role_name: String,
    /// Where, for people.
    pub place_name: String,
    /// When it ends.
    pub expires_at: Time,
}

/// A team that one can look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamLink {
    /// Its id.
    pub id: String,
    /// For people.
    pub name: String,
    /// It is the one that is looked at.
    pub current: bool,
}

/// One thing that a team may have so much of, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotaRow {
    /// `apps`, `builds`, `nano_cpus`, `memory`, `storage`: the name of its field.
    pub key: String,
    /// For people: `Memory of all tasks`.
    pub title: String,
    /// `1.5 GiB`; none if it is not measured.
    pub used: Option<String>,
    /// `4 GiB`; none if there is no bound.
    pub quota: Option<String>,
    /// The bound as it is typed: `4g`.
    pub typed: String,
    /// More is used than that.
    pub over: bool,
    /// The share that is used, 0 to 100; none without a bound.
    pub percent: Option<u8>,
}

/// All that the page of the team shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamView {
    /// Its name; none for whoever is in no team.
    pub name: Option<String>,
    /// By address; nobody for whoever sees a part of the team alone.
    pub members: Vec<MemberView>,
    /// By name.
    pub service_accounts: Vec<ServiceAccountView>,
    /// Those of every team, then its own.
    pub roles: Vec<RoleView>,
    /// Newest first.
    pub invitations: Vec<InvitationView>,
    /// Where a role can be given: values and their texts.
    pub places: Vec<(String, String)>,
    /// Rights that a role can be made of: names, and what each means.
    pub rights: Vec<(String, String)>,
    /// The teams of whoever looks.
    pub teams: Vec<TeamLink>,
    /// What the team may have and what it uses; empty for whoever is in no team.
    pub quota: Vec<QuotaRow>,
    /// What is to be said of how storage was measured.
    pub measured: Option<String>,
}

/// Questions and commands about the team that is looked at.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Teams: Send + Sync {
    /// The team with all that its page shows.
    async fn team(&self) -> Result<TeamView>;

    /// Renames it. Fault at `name`.
    async fn rename_team(&self, name: &str) -> Result<()>;

    /// Sets what it may have at most, as people write it; empty: no bound. For the owner of the instance. Faults
    /// at `apps`, `builds`, `nano_cpus`, `memory`, `storage`.
    async fn set_quota(&self, figures: &[(&str, String)]) -> Result<()>;

    /// Makes another one, of which the actor is the owner. Fault at `name`.
    async fn create_team(&self, name: &str) -> Result<()>;

    /// Looks at another one from now on.
    async fn look_at_team(&self, id: &str) -> Result<()>;

    /// Invites somebody; the code is told this once. Faults at `email`, `role`, `place`, `days`.
    async fn invite(&self, email: &str, role: &str, place: &str, days: Option<u32>) -> Result<Secret>;

    /// Takes an invitation back.
    async fn withdraw_invitation(&self, id: &str) -> Result<()>;

    /// Gives a member a role at a place, or takes the one that they have there.
    async fn set_member_role(&self, member: &str, place: &str, role: Option<&str>) -> Result<()>;

    /// Takes a member out.
    async fn remove_member(&self, member: &str) -> Result<()>;

    /// Makes a role of named rights. Faults at `name`, `rights`.
    async fn create_role(&self, name: &str, rights: &[String]) -> Result<()>;

    /// Removes a role that nobody has.
    async fn delete_role(&self, id: &str) -> Result<()>;

    /// Takes an invitation up and signs in. Faults at `code`, `password`.
    async fn join(&self, code: Secret, password: Secret) -> Result<Entry>;
}
