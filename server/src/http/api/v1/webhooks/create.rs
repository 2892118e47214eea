//! `POST /api/v1/apps/{id}/webhooks`

use axum::{Json, http::StatusCode};
use serde::Deserialize;

use super::{NewSecret, WebhookView, base};
use crate::{
    control::{Ctx, webhooks},
    domain::{delivery::Provider, id::AppId},
    http::{Problem, id::Id, json as body},
};

/// A webhook to be made.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = CreateWebhook)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Who will send.
    provider: Provider,
}

/// Make a webhook.
///
/// Its secret is in this answer and never again.
#[utoipa::path(
    post,
    path = "/apps/{id}/webhooks",
    tag = "webhooks",
    operation_id = "create_webhooks",
    params(("id" = String, Path)),
    request_body = Body,
    responses((status = 201, description = "Made.", body = NewSecret)),
)]
pub async fn handler(
    cx: Ctx,
    Id(app): Id<AppId>,
    body::Json(body): body::Json<Body>,
) -> Result<(StatusCode, Json<NewSecret>), Problem> {
    let (webhook, secret) = webhooks::create(&cx, app, body.provider).await?;
    let webhook = WebhookView::new(&webhook, base(&cx).await?.as_ref());
    Ok((StatusCode::CREATED, Json(NewSecret::new(webhook, &secret))))
}
