//! `GET /api/v1/apps/{id}/domains`

use axum::Json;

use super::DomainView;
use crate::{
    control::{Ctx, certificates, domains},
    domain::id::AppId,
    http::{
        api::v1::Answer,
        id::Id,
        query::{Page, Paging, Query},
    },
};

/// The domains of an app, oldest first, with their certificates.
#[utoipa::path(
    get,
    path = "/apps/{id}/domains",
    tag = "domains",
    operation_id = "list_domains",
    params(("id" = String, Path), Paging),
    responses((status = 200, description = "Done.", body = Page<DomainView>)),
)]
pub async fn handler(cx: Ctx, Id(app): Id<AppId>, Query(paging): Query<Paging>) -> Answer<Page<DomainView>> {
    let certificates = certificates::of_app(&cx, app).await?;
    let all = domains::list(&cx, app).await?;
    Ok(Json(paging.page(
        all,
        |domain| domain.id.to_string(),
        |domain| DomainView::new(domain, &certificates),
    )))
}
