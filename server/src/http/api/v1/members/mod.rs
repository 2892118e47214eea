//! The members of a team, and where each has which role.

mod change;
mod list;
mod remove;

use serde::{Deserialize, Serialize};

use crate::domain::{
    clock::Time,
    fault::Wrong,
    id::{EnvironmentId, ProjectId, UserId},
    right::{Place, Role},
    team::{Grant, Member},
};

/// Where a role counts: there and below.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Place)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum PlaceBody {
    /// Everywhere in the team.
    Team {},
    /// In one project.
    Project {
        /// Which.
        #[schema(value_type = String)]
        id: ProjectId,
    },
    /// In one environment.
    Environment {
        /// Which.
        #[schema(value_type = String)]
        id: EnvironmentId,
    },
}

impl From<PlaceBody> for Place {
    fn from(place: PlaceBody) -> Self {
        match place {
            PlaceBody::Team {} => Self::Team,
            PlaceBody::Project { id } => Self::Project(id),
            PlaceBody::Environment { id } => Self::Environment(id),
        }
    }
}

impl From<Place> for PlaceBody {
    fn from(place: Place) -> Self {
        match place {
            Place::Team => Self::Team {},
            Place::Project(id) => Self::Project { id },
            Place::Environment(id) => Self::Environment { id },
        }
    }
}

/// A role: `viewer`, `deployer`, `admin`, `owner`, or the id of one that the team made.
#[derive(Debug, Clone, Copy, utoipa::ToSchema)]
#[schema(as = RoleName, value_type = String)]
pub struct RoleName(pub Role);

impl<'de> Deserialize<'de> for RoleName {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let wrong = "must be `viewer`, `deployer`, `admin`, `owner`, or the id of one of the team's roles";
        Role::named(&text).map(Self).ok_or_else(|| serde::de::Error::custom(Wrong::new(wrong)))
    }
}

impl Serialize for RoleName {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0.name())
    }
}

/// A role at a place.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Grant)]
#[serde(deny_unknown_fields)]
pub struct GrantBody {
    /// Where.
    place: PlaceBody,
    /// Which.
    role: RoleName,
}

impl From<&Grant> for GrantBody {
    fn from(grant: &Grant) -> Self {
        Self { place: grant.place.into(), role: RoleName(grant.role) }
    }
}

/// Somebody of the team.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MemberView {
    /// Their id.
    #[schema(value_type = String)]
    id: UserId,
    /// Their address.
    email: String,
    /// It is a service account, which nobody signs in as.
    service_account: bool,
    /// Their roles; at most one at each place.
    grants: Vec<GrantBody>,
    /// The roles that an identity provider gave them besides, and takes.
    provided: Vec<GrantBody>,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
}

impl From<Member> for MemberView {
    fn from(member: Member) -> Self {
        Self {
            id: member.user,
            email: member.email.to_string(),
            service_account: member.service,
            grants: member.grants.iter().map(GrantBody::from).collect(),
            provided: member.provided.iter().map(GrantBody::from).collect(),
            created_at: member.created_at,
        }
    }
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(change::handler))
        .routes(routes!(remove::handler))
}
