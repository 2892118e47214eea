//! `GET /api/v1/apps`

use axum::Json;

use super::{AppView, views};
use crate::{
    control::{Ctx, apps},
    http::{
        api::v1::Answer,
        query::{Page, Paging, Query},
    },
};

/// All apps, by name.
#[utoipa::path(
    get,
    path = "/apps",
    tag = "apps",
    operation_id = "list_apps",
    params(Paging),
    responses((status = 200, description = "Done.", body = Page<AppView>)),
)]
pub async fn handler(cx: Ctx, Query(paging): Query<Paging>) -> Answer<Page<AppView>> {
    let all = views(&cx, apps::list(&cx).await?).await?;
    Ok(Json(paging.page(all, |app| app.id.to_string(), |app| app)))
}
