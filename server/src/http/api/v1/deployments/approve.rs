//! `POST /api/v1/deployments/{id}/approve`

use axum::Json;

use super::{DeploymentView, Words};
use crate::{
    control::{Ctx, approvals},
    domain::id::DeploymentId,
    http::{api::v1::Answer, id::Id, json as body},
};

/// Approve a deployment that somebody else asked for.
///
/// The last approval that it needs queues it. Who asked for it cannot, and one person counts once.
#[utoipa::path(
    post,
    path = "/deployments/{id}/approve",
    tag = "deployments",
    operation_id = "approve_deployments",
    params(("id" = String, Path)),
    request_body = Words,
    responses((status = 200, description = "Done.", body = DeploymentView)),
)]
pub async fn handler(
    cx: Ctx,
    Id(id): Id<DeploymentId>,
    body::Json(body): body::Json<Words>,
) -> Answer<DeploymentView> {
    Ok(Json(DeploymentView::from(approvals::approve(&cx, id, body.comment).await?)))
}
