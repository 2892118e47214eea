//! `PUT /api/v1/teams/{id}/quota`

use axum::Json;

use super::quota::{Limits, QuotaView};
use crate::{
    control::{Ctx, quotas},
    domain::id::TeamId,
    http::{api::v1::Answer, id::Id, json as body},
};

/// Set what a team may have at most. For the owner of the instance. What runs beyond it goes on.
#[utoipa::path(
    put,
    path = "/teams/{id}/quota",
    tag = "teams",
    operation_id = "set_quota",
    params(("id" = String, Path)),
    request_body = Limits,
    responses((status = 200, description = "Done.", body = QuotaView)),
)]
pub async fn handler(
    cx: Ctx,
    Id(id): Id<TeamId>,
    body::Json(limits): body::Json<Limits>,
) -> Answer<QuotaView> {
    Ok(Json(quotas::set(&cx, id, limits.into()).await?.into()))
}
