//! `POST /api/v1/apps/{id}/restart`

use axum::Json;

use super::{AppView, view};
use crate::{
    control::{Ctx, lifecycle},
    domain::id::AppId,
    http::{api::v1::Answer, id::Id},
};

/// Replace all tasks by new ones of the same release.
#[utoipa::path(
    post,
    path = "/apps/{id}/restart",
    tag = "apps",
    operation_id = "restart_apps",
    params(("id" = String, Path)),
    responses((status = 200, description = "Done.", body = AppView)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<AppId>) -> Answer<AppView> {
    let app = lifecycle::restart(&cx, id).await?;
    Ok(Json(view(&cx, app).await?))
}
