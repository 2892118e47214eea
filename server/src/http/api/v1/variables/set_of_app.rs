//! `PATCH /api/v1/apps/{id}/variables`

use super::{SetVariables, VariableView};
use crate::{
    control::Ctx,
    domain::{id::AppId, variable::Scope},
    http::{api::v1::Answer, id::Id, json as body, query::Page},
};

/// Set variables of an app; the others stay.
///
/// They count from the next deployment on.
#[utoipa::path(
    patch,
    path = "/apps/{id}/variables",
    tag = "variables",
    operation_id = "set_of_app_variables",
    params(("id" = String, Path)),
    request_body = SetVariables,
    responses((status = 200, description = "Done.", body = Page<VariableView>)),
)]
pub async fn handler(
    cx: Ctx,
    Id(id): Id<AppId>,
    body::Json(body): body::Json<SetVariables>,
) -> Answer<Page<VariableView>> {
    super::set(&cx, Scope::App(id), body).await
}
