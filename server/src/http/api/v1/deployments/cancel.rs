//! `POST /api/v1/deployments/{id}/cancel`

use axum::Json;

use super::DeploymentView;
use crate::{
    control::{Ctx, deployments},
    domain::id::DeploymentId,
    http::{api::v1::Answer, id::Id},
};

/// Stop a deployment.
///
/// One that waits ends at once, one that runs within seconds.
#[utoipa::path(
    post,
    path = "/deployments/{id}/cancel",
    tag = "deployments",
    operation_id = "cancel_deployments",
    params(("id" = String, Path)),
    responses((status = 200, description = "Done.", body = DeploymentView)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<DeploymentId>) -> Answer<DeploymentView> {
    Ok(Json(DeploymentView::from(deployments::cancel(&cx, id).await?)))
}
