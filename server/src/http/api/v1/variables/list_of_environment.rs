//! `GET /api/v1/environments/{id}/variables`

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

/// The variables of an environment, by name. Values are never told.
#[utoipa::path(
    get,
    path = "/environments/{id}/variables",
    tag = "variables",
    operation_id = "list_of_environment_variables",
    params(("id" = String, Path), Paging),
    responses((status = 200, description = "Done.", body = Page<VariableView>)),
)]
pub async fn handler(
    cx: Ctx,
    Id(id): Id<EnvironmentId>,
    Query(paging): Query<Paging>,
) -> Answer<Page<VariableView>> {
    super::list(&cx, Scope::Environment(id), &paging).await
}
