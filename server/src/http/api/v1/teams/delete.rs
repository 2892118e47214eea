//! `DELETE /api/v1/teams/{id}`

use axum::http::StatusCode;

use crate::{
    control::{Ctx, teams},
    domain::id::TeamId,
    http::{Problem, id::Id},
};

/// Remove a team that has no projects and no credentials. For the owner of the instance.
#[utoipa::path(
    delete,
    path = "/teams/{id}",
    tag = "teams",
    operation_id = "delete_teams",
    params(("id" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Id(id): Id<TeamId>) -> Result<StatusCode, Problem> {
    teams::delete(&cx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
