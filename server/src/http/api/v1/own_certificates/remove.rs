//! `DELETE /api/v1/own-certificates/{id}`

use axum::http::StatusCode;

use crate::{
    control::{Ctx, own_certificates},
    domain::id::OwnCertificateId,
    http::{Problem, id::Id},
};

/// Remove a certificate that the team brought along. Its hosts get those of an authority again.
#[utoipa::path(
    delete,
    path = "/own-certificates/{id}",
    tag = "certificates",
    operation_id = "remove_own_certificates",
    params(("id" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Id(id): Id<OwnCertificateId>) -> Result<StatusCode, Problem> {
    own_certificates::remove(&cx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
