//! `GET /api/v1/apps/{id}/variables`

use super::VariableView;
use crate::{
    control::Ctx,
    domain::{id::AppId, variable::Scope},
    http::{
        api::v1::Answer,
        id::Id,
        query::{Page, Paging, Query},
    },
};

/// The variables of an app, by name. Values are never told.
#[utoipa::path(
    get,
    path = "/apps/{id}/variables",
    tag = "variables",
    operation_id = "list_of_app_variables",
    params(("id" = String, Path), Paging),
    responses((status = 200, description = "Done.", body = Page<VariableView>)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<AppId>, Query(paging): Query<Paging>) -> Answer<Page<VariableView>> {
    super::list(&cx, Scope::App(id), &paging).await
}
