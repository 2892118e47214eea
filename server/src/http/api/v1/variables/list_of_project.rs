//! `GET /api/v1/projects/{id}/variables`

use super::VariableView;
use crate::{
    control::Ctx,
    domain::{id::ProjectId, variable::Scope},
    http::{
        api::v1::Answer,
        id::Id,
        query::{Page, Paging, Query},
    },
};

/// The variables of a project, by name. Values are never told.
#[utoipa::path(
    get,
    path = "/projects/{id}/variables",
    tag = "variables",
    operation_id = "list_of_project_variables",
    params(("id" = String, Path), Paging),
    responses((status = 200, description = "Done.", body = Page<VariableView>)),
)]
pub async fn handler(
    cx: Ctx,
    Id(id): Id<ProjectId>,
    Query(paging): Query<Paging>,
) -> Answer<Page<VariableView>> {
    super::list(&cx, Scope::Project(id), &paging).await
}
