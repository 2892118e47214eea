//! `GET /api/v1/apps/{id}/domains/{domain}`

use axum::Json;

use super::DomainView;
use crate::{
    control::{Ctx, certificates, domains},
    domain::id::{AppId, DomainId},
    http::{api::v1::Answer, id::Ids},
};

/// A domain of an app, with all that holds for it.
#[utoipa::path(
    get,
    path = "/apps/{id}/domains/{domain}",
    tag = "domains",
    operation_id = "show_domains",
    params(("id" = String, Path), ("domain" = String, Path)),
    responses((status = 200, description = "Done.", body = DomainView)),
)]
pub async fn handler(cx: Ctx, Ids(app, id): Ids<AppId, DomainId>) -> Answer<DomainView> {
    let domain = domains::show(&cx, app, id).await?;
    let certificates = certificates::of_app(&cx, app).await?;
    Ok(Json(DomainView::new(domain, &certificates)))
}
