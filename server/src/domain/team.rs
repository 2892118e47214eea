//! Teams: their members, what role each has where, the roles they made, and whom they invited.

use super::{
    clock::Time,
    id::{InvitationId, RoleId, TeamId, UserId},
    name::{DisplayName, Email},
    right::{Place, Rights, Role},
};

/// In place of a team, for whoever is in none: it owns nothing, and nobody may do anything in it.
pub const NO_TEAM: TeamId = TeamId::from_uuid(uuid::Uuid::nil());

/// The tenancy border: owns projects, credentials, hosts it trusts, and members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// For people.
    pub name: DisplayName,
    /// When it was made.
    pub created_at: Time,
}

/// A role at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Where.
    pub place: Place,
    /// Which.
    pub role: Role,
    /// What the role gives.
    pub rights: Rights,
}

/// Somebody of a team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// Their address.
    pub email: Email,
    /// It is a service account of the team.
    pub service: bool,
    /// Since when.
    pub created_at: Time,
    /// Their roles; at most one at each place.
    pub grants: Vec<Grant>,
    /// The roles that they have besides, by the word of an identity provider.
    pub provided: Vec<Grant>,
}

impl Member {
    /// Whether they are an owner of the team.
    #[must_use]
    pub fn owns(&self) -> bool {
        self.grants.iter().any(|grant| grant.place == Place::Team && grant.role == Role::Owner)
    }
}

/// A role that a team made of named rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamRole {
    /// Its id.
    pub id: RoleId,
    /// Unique within the team.
    pub name: DisplayName,
    /// What it gives.
    pub rights: Rights,
    /// When it was made.
    pub created_at: Time,
}

/// An offer to join; its code is kept as its SHA-256 only, works once, and ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// The team.
    pub team: TeamId,
    /// For whom, and nobody else.
    pub email: Email,
    /// Where they get the role.
    pub place: Place,
    /// Which.
    pub role: Role,
    /// By whom.
    pub invited_by: UserId,
    /// When it was made.
    pub created_at: Time,
    /// When it ends.
    pub expires_at: Time,
}
