//! `DELETE /api/v1/projects/{id}`

use axum::http::StatusCode;

use crate::{
    control::{Ctx, projects},
    domain::id::ProjectId,
    http::{Problem, id::Id},
};

/// Remove a project that has no apps.
#[utoipa::path(
    delete,
    path = "/projects/{id}",
    tag = "projects",
    operation_id = "delete_projects",
    params(("id" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Id(id): Id<ProjectId>) -> Result<StatusCode, Problem> {
    projects::delete(&cx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
