//! `GET /api/v1/projects/{id}/variable-versions`

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

/// The older versions of the variables of a project, by name, newest first, without values.
#[utoipa::path(
    get,
    path = "/projects/{id}/variable-versions",
    tag = "variables",
    operation_id = "versions_of_project_variables",
    params(("id" = String, Path), Paging),
    responses((status = 200, description = "Done.", body = Page<VariableView>)),
)]
pub async fn handler(
    cx: Ctx,
    Id(id): Id<ProjectId>,
    Query(paging): Query<Paging>,
) -> Answer<Page<VariableView>> {
    super::versions(&cx, Scope::Project(id), &paging).await
}
