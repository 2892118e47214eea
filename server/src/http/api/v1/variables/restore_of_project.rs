//! `POST /api/v1/projects/{id}/variables/{key}/restore`

use axum::http::StatusCode;

use super::Restore;
use crate::{
    control::{Ctx, variables},
    domain::{id::ProjectId, name::EnvKey, variable::Scope},
    http::{Problem, id::Ids, json as body},
};

/// Give a variable of a project the value of an older version again.
#[utoipa::path(
    post,
    path = "/projects/{id}/variables/{key}/restore",
    tag = "variables",
    operation_id = "restore_of_project_variables",
    params(("id" = String, Path), ("key" = String, Path)),
    request_body = Restore,
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(
    cx: Ctx,
    Ids(id, key): Ids<ProjectId, EnvKey>,
    body::Json(body): body::Json<Restore>,
) -> Result<StatusCode, Problem> {
    variables::restore(&cx, Scope::Project(id), &key, body.version).await?;
    Ok(StatusCode::NO_CONTENT)
}
