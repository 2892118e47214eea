//! `DELETE /api/v1/apps/{id}/webhooks/{webhook}`

use axum::http::StatusCode;

use crate::{
    control::{Ctx, webhooks},
    domain::id::{AppId, WebhookId},
    http::{Problem, id::Ids},
};

/// Remove a webhook with its deliveries.
#[utoipa::path(
    delete,
    path = "/apps/{id}/webhooks/{webhook}",
    tag = "webhooks",
    operation_id = "remove_webhooks",
    params(("id" = String, Path), ("webhook" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Ids(app, id): Ids<AppId, WebhookId>) -> Result<StatusCode, Problem> {
    webhooks::remove(&cx, app, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
