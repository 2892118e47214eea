//! `GET /api/v1/certificates`

use axum::Json;

use super::CertificateDetail;
use crate::{
    control::{
        Ctx,
        certificates::{self, Mine},
    },
    http::{
        api::v1::Answer,
        query::{Page, Paging, Query},
    },
};

/// The certificates of all hosts that the caller sees, and what to do where one is missing.
#[utoipa::path(
    get,
    path = "/certificates",
    tag = "certificates",
    operation_id = "all_certificates",
    params(Paging),
    responses((status = 200, description = "Done.", body = Page<CertificateDetail>)),
)]
pub async fn handler(cx: Ctx, Query(paging): Query<Paging>) -> Answer<Page<CertificateDetail>> {
    let all = certificates::of_team(&cx).await?;
    let view = |mine: Mine| CertificateDetail::new(&cx, &mine.row, mine.app);
    Ok(Json(paging.page(all, |mine| mine.row.id.to_string(), view)))
}
