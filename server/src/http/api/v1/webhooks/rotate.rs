//! `POST /api/v1/apps/{id}/webhooks/{webhook}/rotate`

use axum::Json;

use super::{NewSecret, WebhookView, base};
use crate::{
    control::{Ctx, webhooks},
    domain::id::{AppId, WebhookId},
    http::{Problem, api::v1::Answer, id::Ids},
};

/// Give a webhook a new secret, told this once; the old one counts for a day.
#[utoipa::path(
    post,
    path = "/apps/{id}/webhooks/{webhook}/rotate",
    tag = "webhooks",
    operation_id = "rotate_webhooks",
    params(("id" = String, Path), ("webhook" = String, Path)),
    responses((status = 200, description = "Done.", body = NewSecret)),
)]
pub async fn handler(cx: Ctx, Ids(app, id): Ids<AppId, WebhookId>) -> Answer<NewSecret> {
    let secret = webhooks::rotate(&cx, app, id).await?;
    let all = webhooks::list(&cx, app).await?;
    let webhook = all.iter().find(|hook| hook.id == id).ok_or_else(|| Problem::not_found("webhook"))?;
    Ok(Json(NewSecret::new(WebhookView::new(webhook, base(&cx).await?.as_ref()), &secret)))
}
