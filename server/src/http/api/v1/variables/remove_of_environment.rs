//! `DELETE /api/v1/environments/{id}/variables/{key}`

use axum::http::StatusCode;

use crate::{
    control::{Ctx, variables},
    domain::{id::EnvironmentId, name::EnvKey, variable::Scope},
    http::{Problem, id::Ids},
};

/// Take a variable of an environment away.
#[utoipa::path(
    delete,
    path = "/environments/{id}/variables/{key}",
    tag = "variables",
    operation_id = "remove_of_environment_variables",
    params(("id" = String, Path), ("key" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Ids(id, key): Ids<EnvironmentId, EnvKey>) -> Result<StatusCode, Problem> {
    variables::remove(&cx, Scope::Environment(id), &key).await?;
    Ok(StatusCode::NO_CONTENT)
}
