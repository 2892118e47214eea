//! `GET /api/v1/environments/{id}/protection`

use axum::Json;

use super::ProtectionView;
use crate::{
    control::{Ctx, protection},
    domain::id::EnvironmentId,
    http::{api::v1::Answer, id::Id},
};

/// What an environment asks of deployments to it.
#[utoipa::path(
    get,
    path = "/environments/{id}/protection",
    tag = "environments",
    operation_id = "protection_environments",
    params(("id" = String, Path)),
    responses((status = 200, description = "Done.", body = ProtectionView)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<EnvironmentId>) -> Answer<ProtectionView> {
    Ok(Json(ProtectionView::from(protection::get(&cx, id).await?)))
}
