//! Service accounts of a team, and their tokens. Their roles are given as members' are, at `/members/{id}`.

mod create;
mod create_token;
mod end_token;
mod list;
mod list_tokens;
mod remove;
mod rename;

use serde::{Deserialize, Serialize};

use super::members::GrantBody;
use crate::domain::{clock::Time, id::UserId, name::Slug, team::Member};

/// A service account.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ServiceAccountView {
    /// Its id; the same as that of the member which it is.
    #[schema(value_type = String)]
    id: UserId,
    /// Its name; unique within the team.
    name: String,
    /// What it is called where a person's address stands.
    email: String,
    /// Its roles; at most one at each place.
    grants: Vec<GrantBody>,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
}

impl From<Member> for ServiceAccountView {
    fn from(member: Member) -> Self {
        Self {
            id: member.user,
            name: member.email.service().unwrap_or_default().to_owned(),
            email: member.email.to_string(),
            grants: member.grants.iter().map(GrantBody::from).collect(),
            created_at: member.created_at,
        }
    }
}

/// What a service account is called.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = NameServiceAccount)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Lower-case letters, digits and hyphens: `ci`.
    #[schema(value_type = String)]
    name: Slug,
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(create::handler))
        .routes(routes!(rename::handler))
        .routes(routes!(remove::handler))
        .routes(routes!(list_tokens::handler))
        .routes(routes!(create_token::handler))
        .routes(routes!(end_token::handler))
}
