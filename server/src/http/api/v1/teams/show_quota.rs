//! `GET /api/v1/teams/{id}/quota`

use axum::Json;

use super::quota::QuotaView;
use crate::{
    control::{Ctx, quotas},
    domain::id::TeamId,
    http::{api::v1::Answer, id::Id},
};

/// What a team may have at most, and what it uses. For its members, and the owner of the instance.
#[utoipa::path(
    get,
    path = "/teams/{id}/quota",
    tag = "teams",
    operation_id = "show_quota",
    params(("id" = String, Path)),
    responses((status = 200, description = "Done.", body = QuotaView)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<TeamId>) -> Answer<QuotaView> {
    Ok(Json(quotas::show(&cx, id).await?.into()))
}
