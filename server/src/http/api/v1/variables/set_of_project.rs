//! `PATCH /api/v1/projects/{id}/variables`

use super::{SetVariables, VariableView};
use crate::{
    control::Ctx,
    domain::{id::ProjectId, variable::Scope},
    http::{api::v1::Answer, id::Id, json as body, query::Page},
};

/// Set variables of a project; the others stay.
///
/// They count from the next deployment on.
#[utoipa::path(
    patch,
    path = "/projects/{id}/variables",
    tag = "variables",
    operation_id = "set_of_project_variables",
    params(("id" = String, Path)),
    request_body = SetVariables,
    responses((status = 200, description = "Done.", body = Page<VariableView>)),
)]
pub async fn handler(
    cx: Ctx,
    Id(id): Id<ProjectId>,
    body::Json(body): body::Json<SetVariables>,
) -> Answer<Page<VariableView>> {
    super::set(&cx, Scope::Project(id), body).await
}
