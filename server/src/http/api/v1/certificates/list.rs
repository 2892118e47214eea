//! `GET /api/v1/apps/{id}/certificates`

use axum::Json;

use super::CertificateView;
use crate::{
    control::{Ctx, certificates},
    domain::id::AppId,
    http::{
        api::v1::Answer,
        id::Id,
        query::{Page, Paging, Query},
    },
};

/// The certificates of an app's hosts, and why one is missing.
#[utoipa::path(
    get,
    path = "/apps/{id}/certificates",
    tag = "certificates",
    operation_id = "list_certificates",
    params(("id" = String, Path), Paging),
    responses((status = 200, description = "Done.", body = Page<CertificateView>)),
)]
pub async fn handler(
    cx: Ctx,
    Id(app): Id<AppId>,
    Query(paging): Query<Paging>,
) -> Answer<Page<CertificateView>> {
    let all = certificates::of_app(&cx, app).await?;
    Ok(Json(paging.page(all, |certificate| certificate.id.to_string(), |c| CertificateView::from(&c))))
}
