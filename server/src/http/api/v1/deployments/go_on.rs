//! `POST /api/v1/deployments/{id}/go-on`

use axum::Json;

use super::ShiftView;
use crate::{
    control::{Ctx, shifts},
    domain::id::DeploymentId,
    http::{api::v1::Answer, id::Id},
};

/// Lead the next share of visitors over now.
///
/// After the last share the old version goes. To lead all of them back, cancel the deployment.
#[utoipa::path(
    post,
    path = "/deployments/{id}/go-on",
    tag = "deployments",
    operation_id = "go_on_deployments",
    params(("id" = String, Path)),
    responses((status = 200, description = "Done.", body = ShiftView)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<DeploymentId>) -> Answer<ShiftView> {
    Ok(Json(ShiftView::from(shifts::go_on(&cx, id).await?)))
}
