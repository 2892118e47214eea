//! `POST /api/v1/apps/{id}/start`

use axum::Json;

use super::{AppView, view};
use crate::{
    control::{Ctx, lifecycle},
    domain::id::AppId,
    http::{api::v1::Answer, id::Id},
};

/// Run a stopped app again, with the replicas that it had.
#[utoipa::path(
    post,
    path = "/apps/{id}/start",
    tag = "apps",
    operation_id = "start_apps",
    params(("id" = String, Path)),
    responses((status = 200, description = "Done.", body = AppView)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<AppId>) -> Answer<AppView> {
    let app = lifecycle::start(&cx, id).await?;
    Ok(Json(view(&cx, app).await?))
}
