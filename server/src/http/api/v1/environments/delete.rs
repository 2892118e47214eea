//! `DELETE /api/v1/environments/{id}`

use axum::http::StatusCode;

use crate::{
    control::{Ctx, environments},
    domain::id::EnvironmentId,
    http::{Problem, id::Id},
};

/// Remove an environment that has no apps.
#[utoipa::path(
    delete,
    path = "/environments/{id}",
    tag = "environments",
    operation_id = "delete_environments",
    params(("id" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Id(id): Id<EnvironmentId>) -> Result<StatusCode, Problem> {
    environments::delete(&cx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
