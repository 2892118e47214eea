//! `GET /api/v1/apps/{id}/deliveries`

use axum::Json;
use serde::Serialize;

use crate::{
    control::{Ctx, deliveries},
    domain::{
        clock::Time,
        delivery::Delivery,
        id::{AppId, DeliveryId, DeploymentId, WebhookId},
    },
    http::{
        api::v1::Answer,
        id::Id,
        query::{Page, Paging, Query},
    },
};

/// One received delivery.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DeliveryView {
    /// Its id.
    #[schema(value_type = String)]
    id: DeliveryId,
    /// The webhook.
    #[schema(value_type = String)]
    webhook: WebhookId,
    /// The sender's id of it.
    provider_id: String,
    /// The event's name.
    event: String,
    /// The HTTP status that we answered.
    status: u16,
    /// `queued`, `duplicate`, `ignored:…`
    outcome: String,
    /// The deployment that it queued.
    #[schema(value_type = Option<String>)]
    deployment: Option<DeploymentId>,
    /// When it came.
    #[schema(value_type = String, format = DateTime)]
    received_at: Time,
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id,
            webhook: delivery.webhook,
            provider_id: delivery.provider_id,
            event: delivery.event,
            status: delivery.status,
            outcome: delivery.outcome,
            deployment: delivery.deployment,
            received_at: delivery.received_at,
        }
    }
}

/// What came last to an app's webhooks, newest first: at most 100.
#[utoipa::path(
    get,
    path = "/apps/{id}/deliveries",
    tag = "webhooks",
    operation_id = "deliveries_webhooks",
    params(("id" = String, Path), Paging),
    responses((status = 200, description = "Done.", body = Page<DeliveryView>)),
)]
pub async fn handler(
    cx: Ctx,
    Id(app): Id<AppId>,
    Query(paging): Query<Paging>,
) -> Answer<Page<DeliveryView>> {
    let all = deliveries::list(&cx, app, 100).await?;
    Ok(Json(paging.page(all, |delivery| delivery.id.to_string(), DeliveryView::from)))
}
