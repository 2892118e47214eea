//! `DELETE /api/v1/directories/{id}`

use axum::http::StatusCode;

use crate::{
    control::{Ctx, directories},
    domain::id::DirectoryId,
    http::{Problem, id::Id},
};

/// Remove a directory that no certificate and no environment has chosen.
#[utoipa::path(
    delete,
    path = "/directories/{id}",
    tag = "directories",
    operation_id = "remove_directories",
    params(("id" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Id(id): Id<DirectoryId>) -> Result<StatusCode, Problem> {
    directories::remove(&cx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
