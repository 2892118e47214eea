//! `DELETE /api/v1/apps/{id}/domains/{domain}`

use axum::http::StatusCode;

use crate::{
    control::{Ctx, domains},
    domain::id::{AppId, DomainId},
    http::{Problem, id::Ids},
};

/// Take a domain away from an app.
#[utoipa::path(
    delete,
    path = "/apps/{id}/domains/{domain}",
    tag = "domains",
    operation_id = "remove_domains",
    params(("id" = String, Path), ("domain" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Ids(app, id): Ids<AppId, DomainId>) -> Result<StatusCode, Problem> {
    domains::remove(&cx, app, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
