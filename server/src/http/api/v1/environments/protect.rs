//! `PUT /api/v1/environments/{id}/protection`

use axum::Json;

use super::ProtectionView;
use crate::{
    control::{Ctx, protection},
    domain::id::EnvironmentId,
    http::{api::v1::Answer, id::Id, json as body},
};

/// Protect an environment, or take its protection away.
///
/// What is left out is as in an environment that was just protected. A protected environment is
/// neither reset nor removed.
#[utoipa::path(
    put,
    path = "/environments/{id}/protection",
    tag = "environments",
    operation_id = "protect_environments",
    params(("id" = String, Path)),
    request_body = ProtectionView,
    responses((status = 200, description = "Done.", body = ProtectionView)),
)]
pub async fn handler(
    cx: Ctx,
    Id(id): Id<EnvironmentId>,
    body::Json(body): body::Json<ProtectionView>,
) -> Answer<ProtectionView> {
    Ok(Json(ProtectionView::from(protection::set(&cx, id, body.rules()).await?)))
}
