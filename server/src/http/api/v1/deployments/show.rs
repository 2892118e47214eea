//! `GET /api/v1/deployments/{id}`

use axum::Json;

use super::DeploymentView;
use crate::{
    control::{Ctx, deployments},
    domain::id::DeploymentId,
    http::{api::v1::Answer, id::Id},
};

/// One deployment.
#[utoipa::path(
    get,
    path = "/deployments/{id}",
    tag = "deployments",
    operation_id = "show_deployments",
    params(("id" = String, Path)),
    responses((status = 200, description = "Done.", body = DeploymentView)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<DeploymentId>) -> Answer<DeploymentView> {
    Ok(Json(DeploymentView::from(deployments::get(&cx, id).await?)))
}
