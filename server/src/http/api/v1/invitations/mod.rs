//! Invitations to a team.

mod accept;
mod create;
mod list;
mod withdraw;

use serde::Serialize;

use super::members::{PlaceBody, RoleName};
use crate::domain::{clock::Time, id::InvitationId, team::Invitation};

/// An open invitation, without its code.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct InvitationView {
    /// Its id.
    #[schema(value_type = String)]
    id: InvitationId,
    /// For whom.
    email: String,
    /// Where they get the role.
    place: PlaceBody,
    /// Which.
    role: RoleName,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Time,
}

impl From<Invitation> for InvitationView {
    fn from(invitation: Invitation) -> Self {
        Self {
            id: invitation.id,
            email: invitation.email.to_string(),
            place: invitation.place.into(),
            role: RoleName(invitation.role),
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
        }
    }
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(create::handler))
        .routes(routes!(withdraw::handler))
        .routes(routes!(accept::handler))
}
