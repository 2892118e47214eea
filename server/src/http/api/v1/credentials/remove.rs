//! `DELETE /api/v1/credentials/{id}`

use axum::http::StatusCode;

use crate::{
    control::{Ctx, credentials},
    domain::id::CredentialId,
    http::{Problem, id::Id},
};

/// Remove a credential that no app uses.
#[utoipa::path(
    delete,
    path = "/credentials/{id}",
    tag = "credentials",
    operation_id = "remove_credentials",
    params(("id" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Id(id): Id<CredentialId>) -> Result<StatusCode, Problem> {
    credentials::remove(&cx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
