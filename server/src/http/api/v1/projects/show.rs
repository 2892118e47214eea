//! `GET /api/v1/projects/{id}`

use axum::Json;

use super::ProjectView;
use crate::{
    control::{Ctx, environments, projects},
    domain::id::ProjectId,
    http::{api::v1::Answer, id::Id},
};

/// One project.
#[utoipa::path(
    get,
    path = "/projects/{id}",
    tag = "projects",
    operation_id = "show_projects",
    params(("id" = String, Path)),
    responses((status = 200, description = "Done.", body = ProjectView)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<ProjectId>) -> Answer<ProjectView> {
    let project = projects::get(&cx, id).await?;
    Ok(Json(ProjectView::new(project, &environments::list(&cx).await?)))
}
