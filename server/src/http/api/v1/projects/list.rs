//! `GET /api/v1/projects`

use axum::Json;

use super::ProjectView;
use crate::{
    control::{Ctx, environments, projects},
    http::{
        api::v1::Answer,
        query::{Page, Paging, Query},
    },
};

/// All projects, by name.
#[utoipa::path(
    get,
    path = "/projects",
    tag = "projects",
    operation_id = "list_projects",
    params(Paging),
    responses((status = 200, description = "Done.", body = Page<ProjectView>)),
)]
pub async fn handler(cx: Ctx, Query(paging): Query<Paging>) -> Answer<Page<ProjectView>> {
    let environments = environments::list(&cx).await?;
    let all = projects::list(&cx).await?;
    Ok(Json(paging.page(all, |p| p.id.to_string(), |p| ProjectView::new(p, &environments))))
}
