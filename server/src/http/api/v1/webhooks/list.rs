//! `GET /api/v1/apps/{id}/webhooks`

use axum::Json;

use super::{WebhookView, base};
use crate::{
    control::{Ctx, webhooks},
    domain::id::AppId,
    http::{
        api::v1::Answer,
        id::Id,
        query::{Page, Paging, Query},
    },
};

/// The webhooks of an app, oldest first.
#[utoipa::path(
    get,
    path = "/apps/{id}/webhooks",
    tag = "webhooks",
    operation_id = "list_webhooks",
    params(("id" = String, Path), Paging),
    responses((status = 200, description = "Done.", body = Page<WebhookView>)),
)]
pub async fn handler(cx: Ctx, Id(app): Id<AppId>, Query(paging): Query<Paging>) -> Answer<Page<WebhookView>> {
    let base = base(&cx).await?;
    let all = webhooks::list(&cx, app).await?;
    Ok(Json(paging.page(all, |hook| hook.id.to_string(), |hook| WebhookView::new(&hook, base.as_ref()))))
}
