//! `GET /api/v1/verified-domains`

use axum::Json;

use super::VerifiedDomainView;
use crate::{
    control::{Ctx, verified_domains},
    http::{
        api::v1::Answer,
        query::{Page, Paging, Query},
    },
};

/// The domains that the team has proved, or is about to, by name.
#[utoipa::path(
    get,
    path = "/verified-domains",
    tag = "domains",
    operation_id = "list_verified_domains",
    params(Paging),
    responses((status = 200, description = "Done.", body = Page<VerifiedDomainView>)),
)]
pub async fn handler(cx: Ctx, Query(paging): Query<Paging>) -> Answer<Page<VerifiedDomainView>> {
    let all = verified_domains::list(&cx).await?;
    Ok(Json(paging.page(all, |domain| domain.id.to_string(), VerifiedDomainView::from)))
}
