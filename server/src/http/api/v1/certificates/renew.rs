//! `POST /api/v1/certificates/{id}/renew`

use axum::http::StatusCode;

use crate::{
    control::{Ctx, certificates},
    domain::id::CertificateId,
    http::{Problem, id::Id},
};

/// Ask for a new certificate now, whatever the dates of the old one say; that is served until then.
#[utoipa::path(
    post,
    path = "/certificates/{id}/renew",
    tag = "certificates",
    operation_id = "renew_certificates",
    params(("id" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Id(id): Id<CertificateId>) -> Result<StatusCode, Problem> {
    certificates::renew(&cx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
