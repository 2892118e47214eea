//! `POST /api/v1/invitations`

use axum::{Json, http::StatusCode};
use serde::{Deserialize, Serialize};

use super::InvitationView;
use crate::{
    control::{
        Ctx,
        invitations::{self, NewInvitation},
    },
    domain::{name::Email, right::Place},
    http::{
        Problem,
        api::v1::members::{PlaceBody, RoleName},
        json as body,
    },
};

/// Whom, as what, and where.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = CreateInvitation)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// For whom, and nobody else.
    #[schema(value_type = String)]
    email: Email,
    /// Their role.
    role: RoleName,
    /// Where they get it; in the whole team if absent.
    #[serde(default)]
    place: Option<PlaceBody>,
    /// Open for 1 to 30 days; 7 if absent.
    #[serde(default)]
    days: Option<u32>,
}

/// An invitation with its code.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Made {
    /// The invitation.
    #[serde(flatten)]
    invitation: InvitationView,
    /// What they enter at `/join`. Told this once; it works once.
    code: String,
}

/// Invite somebody to the team, with a role that is not above mine.
///
/// The code is in this answer and never again: send it to them.
#[utoipa::path(
    post,
    path = "/invitations",
    tag = "invitations",
    operation_id = "create_invitations",
    request_body = Body,
    responses((status = 201, description = "Made.", body = Made)),
)]
pub async fn handler(
    cx: Ctx,
    body::Json(body): body::Json<Body>,
) -> Result<(StatusCode, Json<Made>), Problem> {
    let new = NewInvitation {
        email: body.email,
        place: body.place.map_or(Place::Team, Place::from),
        role: body.role.0,
        days: body.days,
    };
    let (invitation, code) = invitations::create(&cx, new).await?;
    let made = Made { invitation: InvitationView::from(invitation), code: code.expose().to_owned() };
    Ok((StatusCode::CREATED, Json(made)))
}
