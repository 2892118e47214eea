//! `DELETE /api/v1/projects/{id}/variables/{key}`

use axum::http::StatusCode;

use crate::{
    control::{Ctx, variables},
    domain::{id::ProjectId, name::EnvKey, variable::Scope},
    http::{Problem, id::Ids},
};

/// Take a variable of a project away.
#[utoipa::path(
    delete,
    path = "/projects/{id}/variables/{key}",
    tag = "variables",
    operation_id = "remove_of_project_variables",
    params(("id" = String, Path), ("key" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Ids(id, key): Ids<ProjectId, EnvKey>) -> Result<StatusCode, Problem> {
    variables::remove(&cx, Scope::Project(id), &key).await?;
    Ok(StatusCode::NO_CONTENT)
}
