//! `POST /api/v1/deployments/{id}/hold`

use axum::Json;

use super::ShiftView;
use crate::{
    control::{Ctx, shifts},
    domain::id::DeploymentId,
    http::{api::v1::Answer, id::Id},
};

/// Keep the visitors where they are until somebody says `go-on`, a day at most.
#[utoipa::path(
    post,
    path = "/deployments/{id}/hold",
    tag = "deployments",
    operation_id = "hold_deployments",
    params(("id" = String, Path)),
    responses((status = 200, description = "Done.", body = ShiftView)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<DeploymentId>) -> Answer<ShiftView> {
    Ok(Json(ShiftView::from(shifts::hold(&cx, id).await?)))
}
