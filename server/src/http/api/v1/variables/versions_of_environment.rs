//! `GET /api/v1/environments/{id}/variable-versions`

use super::VariableView;
use crate::{
    control::Ctx,
    domain::{id::EnvironmentId, variable::Scope},
    http::{
        api::v1::Answer,
        id::Id,
        query::{Page, Paging, Query},
    },
};

/// The older versions of the variables of an environment, by name, newest first, without values.
#[utoipa::path(
    get,
    path = "/environments/{id}/variable-versions",
    tag = "variables",
    operation_id = "versions_of_environment_variables",
    params(("id" = String, Path), Paging),
    responses((status = 200, description = "Done.", body = Page<VariableView>)),
)]
pub async fn handler(
    cx: Ctx,
    Id(id): Id<EnvironmentId>,
    Query(paging): Query<Paging>,
) -> Answer<Page<VariableView>> {
    super::versions(&cx, Scope::Environment(id), &paging).await
}
