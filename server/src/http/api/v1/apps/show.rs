//! `GET /api/v1/apps/{id}`

use axum::Json;

use super::{AppView, view};
use crate::{
    control::{Ctx, apps},
    domain::id::AppId,
    http::{api::v1::Answer, id::Id},
};

/// One app.
#[utoipa::path(
    get,
    path = "/apps/{id}",
    tag = "apps",
    operation_id = "show_apps",
    params(("id" = String, Path)),
    responses((status = 200, description = "Done.", body = AppView)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<AppId>) -> Answer<AppView> {
    let app = apps::get(&cx, id).await?;
    Ok(Json(view(&cx, app).await?))
}
