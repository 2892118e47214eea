//! `POST /api/v1/deployments/{id}/reject`

use axum::Json;

use super::{DeploymentView, Words};
use crate::{
    control::{Ctx, approvals},
    domain::id::DeploymentId,
    http::{api::v1::Answer, id::Id, json as body},
};

/// Reject a deployment that awaits approval.
///
/// It ends; what serves now goes on.
#[utoipa::path(
    post,
    path = "/deployments/{id}/reject",
    tag = "deployments",
    operation_id = "reject_deployments",
    params(("id" = String, Path)),
    request_body = Words,
    responses((status = 200, description = "Done.", body = DeploymentView)),
)]
pub async fn handler(
    cx: Ctx,
    Id(id): Id<DeploymentId>,
    body::Json(body): body::Json<Words>,
) -> Answer<DeploymentView> {
    Ok(Json(DeploymentView::from(approvals::reject(&cx, id, body.comment).await?)))
}
