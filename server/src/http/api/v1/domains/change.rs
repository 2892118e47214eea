//! `PATCH /api/v1/apps/{id}/domains/{domain}`

use axum::Json;

use super::DomainView;
use crate::{
    control::{Ctx, certificates, domains},
    domain::{
        id::{AppId, DomainId},
        route::DomainChange,
    },
    http::{api::v1::Answer, id::Ids, json as body},
};

/// Change what holds for a domain.
///
/// It is served so within seconds, without a deployment.
#[utoipa::path(
    patch,
    path = "/apps/{id}/domains/{domain}",
    tag = "domains",
    operation_id = "change_domains",
    params(("id" = String, Path), ("domain" = String, Path)),
    request_body = DomainChange,
    responses((status = 200, description = "Done.", body = DomainView)),
)]
pub async fn handler(
    cx: Ctx,
    Ids(app, id): Ids<AppId, DomainId>,
    body::Json(change): body::Json<DomainChange>,
) -> Answer<DomainView> {
    let domain = domains::change(&cx, app, id, change).await?;
    let certificates = certificates::of_app(&cx, app).await?;
    Ok(Json(DomainView::new(domain, &certificates)))
}
