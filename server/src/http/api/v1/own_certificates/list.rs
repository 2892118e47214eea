//! `GET /api/v1/own-certificates`

use axum::Json;

use super::OwnCertificateView;
use crate::{
    control::{Ctx, own_certificates},
    http::{
        api::v1::Answer,
        query::{Page, Paging, Query},
    },
};

/// The certificates that the team brought along, the one that lasts longest first.
#[utoipa::path(
    get,
    path = "/own-certificates",
    tag = "certificates",
    operation_id = "list_own_certificates",
    params(Paging),
    responses((status = 200, description = "Done.", body = Page<OwnCertificateView>)),
)]
pub async fn handler(cx: Ctx, Query(paging): Query<Paging>) -> Answer<Page<OwnCertificateView>> {
    let all = own_certificates::list(&cx).await?;
    Ok(Json(paging.page(all, |own| own.id.to_string(), OwnCertificateView::from)))
}
