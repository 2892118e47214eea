//! `PATCH /api/v1/environments/{id}/variables`

use super::{SetVariables, VariableView};
use crate::{
    control::Ctx,
    domain::{id::EnvironmentId, variable::Scope},
    http::{api::v1::Answer, id::Id, json as body, query::Page},
};

/// Set variables of an environment; the others stay.
///
/// They count from the next deployment on.
#[utoipa::path(
    patch,
    path = "/environments/{id}/variables",
    tag = "variables",
    operation_id = "set_of_environment_variables",
    params(("id" = String, Path)),
    request_body = SetVariables,
    responses((status = 200, description = "Done.", body = Page<VariableView>)),
)]
pub async fn handler(
    cx: Ctx,
    Id(id): Id<EnvironmentId>,
    body::Json(body): body::Json<SetVariables>,
) -> Answer<Page<VariableView>> {
    super::set(&cx, Scope::Environment(id), body).await
}
