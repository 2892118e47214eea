//! `DELETE /api/v1/members/{id}`

use axum::http::StatusCode;

use crate::{
    control::{Ctx, members},
    domain::id::UserId,
    http::{Problem, id::Id},
};

/// Take a member out of the team, with their tokens for it. Anybody can take themselves out.
#[utoipa::path(
    delete,
    path = "/members/{id}",
    tag = "members",
    operation_id = "remove_members",
    params(("id" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Id(id): Id<UserId>) -> Result<StatusCode, Problem> {
    members::remove(&cx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
