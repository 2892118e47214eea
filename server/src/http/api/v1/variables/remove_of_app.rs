//! `DELETE /api/v1/apps/{id}/variables/{key}`

use axum::http::StatusCode;

use crate::{
    control::{Ctx, variables},
    domain::{id::AppId, name::EnvKey, variable::Scope},
    http::{Problem, id::Ids},
};

/// Take a variable of an app away.
#[utoipa::path(
    delete,
    path = "/apps/{id}/variables/{key}",
    tag = "variables",
    operation_id = "remove_of_app_variables",
    params(("id" = String, Path), ("key" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Ids(id, key): Ids<AppId, EnvKey>) -> Result<StatusCode, Problem> {
    variables::remove(&cx, Scope::App(id), &key).await?;
    Ok(StatusCode::NO_CONTENT)
}
