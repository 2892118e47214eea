//! `POST /api/v1/apps/{id}/plan`

use axum::Json;

use crate::{
    control::{Ctx, apps},
    deploy::preview::Preview,
    domain::id::AppId,
    http::{api::v1::Answer, id::Id},
};

/// What a deployment would do.
///
/// Nothing is written, fetched, built or pulled: what only a deployment finds out is said in `notes`.
#[utoipa::path(
    post,
    path = "/apps/{id}/plan",
    tag = "apps",
    operation_id = "plan_apps",
    params(("id" = String, Path)),
    responses((status = 200, description = "The actions, in order; none if nothing differs.", body = Preview)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<AppId>) -> Answer<Preview> {
    Ok(Json(apps::plan(&cx, id).await?))
}
