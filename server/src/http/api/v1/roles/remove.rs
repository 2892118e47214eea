//! `DELETE /api/v1/roles/{id}`

use axum::http::StatusCode;

use crate::{
    control::{Ctx, roles},
    domain::id::RoleId,
    http::{Problem, id::Id},
};

/// Remove a role that nobody has.
#[utoipa::path(
    delete,
    path = "/roles/{id}",
    tag = "roles",
    operation_id = "remove_roles",
    params(("id" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Id(id): Id<RoleId>) -> Result<StatusCode, Problem> {
    roles::remove(&cx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
