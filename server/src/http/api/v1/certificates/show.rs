//! `GET /api/v1/certificates/{id}`

use axum::Json;

use super::CertificateDetail;
use crate::{
    control::{Ctx, certificates},
    domain::id::CertificateId,
    http::{api::v1::Answer, id::Id},
};

/// One certificate with all that is known of it.
#[utoipa::path(
    get,
    path = "/certificates/{id}",
    tag = "certificates",
    operation_id = "show_certificates",
    params(("id" = String, Path)),
    responses((status = 200, description = "Done.", body = CertificateDetail)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<CertificateId>) -> Answer<CertificateDetail> {
    let row = certificates::show(&cx, id).await?;
    Ok(Json(CertificateDetail::new(&cx, &row, None)))
}
