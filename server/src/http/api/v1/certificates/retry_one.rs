//! `POST /api/v1/certificates/{id}/retry`

use axum::http::StatusCode;

use crate::{
    control::{Ctx, certificates},
    domain::id::CertificateId,
    http::{Problem, id::Id},
};

/// Try again now to get this certificate.
#[utoipa::path(
    post,
    path = "/certificates/{id}/retry",
    tag = "certificates",
    operation_id = "retry_one_certificates",
    params(("id" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Id(id): Id<CertificateId>) -> Result<StatusCode, Problem> {
    certificates::retry_one(&cx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
