//! `POST /api/v1/apps/{id}/deliveries/{delivery}/redeliver`

use axum::Json;

use crate::{
    control::{Ctx, deliveries},
    domain::id::{AppId, DeliveryId},
    http::{api::v1::Answer, hooks::HookAnswer, id::Ids},
};

/// Handle a delivery again as if it came now.
#[utoipa::path(
    post,
    path = "/apps/{id}/deliveries/{delivery}/redeliver",
    tag = "webhooks",
    operation_id = "redeliver_webhooks",
    params(("id" = String, Path), ("delivery" = String, Path)),
    responses((status = 200, description = "Done.", body = HookAnswer)),
)]
pub async fn handler(cx: Ctx, Ids(app, id): Ids<AppId, DeliveryId>) -> Answer<HookAnswer> {
    let answer = deliveries::redeliver(&cx, app, id).await?;
    let ignored = answer.outcome.strip_prefix("ignored:").map(str::to_owned);
    Ok(Json(HookAnswer { outcome: answer.outcome, ignored, deployment: answer.deployment }))
}
