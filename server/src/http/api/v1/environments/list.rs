//! `GET /api/v1/environments`

use axum::Json;

use super::EnvironmentView;
use crate::{
    control::{Ctx, environments},
    http::{
        api::v1::Answer,
        query::{Page, Paging, Query},
    },
};

/// All environments, oldest first.
#[utoipa::path(
    get,
    path = "/environments",
    tag = "environments",
    operation_id = "list_environments",
    params(Paging),
    responses((status = 200, description = "Done.", body = Page<EnvironmentView>)),
)]
pub async fn handler(cx: Ctx, Query(paging): Query<Paging>) -> Answer<Page<EnvironmentView>> {
    let all = environments::list(&cx).await?;
    Ok(Json(paging.page(all, |e| e.id.to_string(), EnvironmentView::from)))
}
