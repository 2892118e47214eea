//! `GET /api/v1/deployments/{id}/shift`

use axum::Json;

use super::ShiftView;
use crate::{
    control::{Ctx, shifts},
    domain::id::DeploymentId,
    http::{api::v1::Answer, id::Id},
};

/// Where visitors are, while a new version is tried beside the old one.
#[utoipa::path(
    get,
    path = "/deployments/{id}/shift",
    tag = "deployments",
    operation_id = "shift_deployments",
    params(("id" = String, Path)),
    responses((status = 200, description = "Null if nobody is led over now.", body = Option<ShiftView>)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<DeploymentId>) -> Answer<Option<ShiftView>> {
    Ok(Json(shifts::get(&cx, id).await?.map(ShiftView::from)))
}
