//! `DELETE /api/v1/invitations/{id}`

use axum::http::StatusCode;

use crate::{
    control::{Ctx, invitations},
    domain::id::InvitationId,
    http::{Problem, id::Id},
};

/// Take an invitation back: its code works no longer.
#[utoipa::path(
    delete,
    path = "/invitations/{id}",
    tag = "invitations",
    operation_id = "withdraw_invitations",
    params(("id" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Id(id): Id<InvitationId>) -> Result<StatusCode, Problem> {
    invitations::withdraw(&cx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
