//! `POST /api/v1/environments/{id}/variables/{key}/restore`

use axum::http::StatusCode;

use super::Restore;
use crate::{
    control::{Ctx, variables},
    domain::{id::EnvironmentId, name::EnvKey, variable::Scope},
    http::{Problem, id::Ids, json as body},
};

/// Give a variable of an environment the value of an older version again.
#[utoipa::path(
    post,
    path = "/environments/{id}/variables/{key}/restore",
    tag = "variables",
    operation_id = "restore_of_environment_variables",
    params(("id" = String, Path), ("key" = String, Path)),
    request_body = Restore,
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(
    cx: Ctx,
    Ids(id, key): Ids<EnvironmentId, EnvKey>,
    body::Json(body): body::Json<Restore>,
) -> Result<StatusCode, Problem> {
    variables::restore(&cx, Scope::Environment(id), &key, body.version).await?;
    Ok(StatusCode::NO_CONTENT)
}
