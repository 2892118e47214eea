//! `GET /api/v1/deployments/{id}/steps`

use axum::Json;

use crate::{
    control::{
        Ctx,
        progress::{self, Progress},
    },
    domain::id::DeploymentId,
    http::{api::v1::Answer, id::Id, query::Page},
};

/// All steps of a deployment, in order.
#[utoipa::path(
    get,
    path = "/deployments/{id}/steps",
    tag = "deployments",
    operation_id = "steps_deployments",
    params(("id" = String, Path)),
    responses((status = 200, description = "Done.", body = Page<Progress>)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<DeploymentId>) -> Answer<Page<Progress>> {
    let (_, items) = progress::progress(&cx, id).await?;
    Ok(Json(Page { items, next: None }))
}
