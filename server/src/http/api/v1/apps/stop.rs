//! `POST /api/v1/apps/{id}/stop`

use axum::Json;

use super::{AppView, view};
use crate::{
    control::{Ctx, lifecycle},
    domain::id::AppId,
    http::{api::v1::Answer, id::Id},
};

/// Scale an app to nothing; its replicas are kept for the next start.
#[utoipa::path(
    post,
    path = "/apps/{id}/stop",
    tag = "apps",
    operation_id = "stop_apps",
    params(("id" = String, Path)),
    responses((status = 200, description = "Done.", body = AppView)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<AppId>) -> Answer<AppView> {
    let app = lifecycle::stop(&cx, id).await?;
    Ok(Json(view(&cx, app).await?))
}
