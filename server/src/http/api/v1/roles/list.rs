//! `GET /api/v1/roles`

use axum::Json;

use super::RoleView;
use crate::{
    control::{Ctx, roles},
    domain::right::Role,
    http::{
        api::v1::Answer,
        query::{Page, Paging, Query},
    },
};

/// The roles that can be given: those of every team, then those that the team made.
#[utoipa::path(
    get,
    path = "/roles",
    tag = "roles",
    operation_id = "list_roles",
    params(Paging),
    responses((status = 200, description = "Done.", body = Page<RoleView>)),
)]
pub async fn handler(cx: Ctx, Query(paging): Query<Paging>) -> Answer<Page<RoleView>> {
    let own = roles::list(&cx).await?;
    let all = Role::BUILT_IN.into_iter().map(RoleView::built_in).chain(own.into_iter().map(RoleView::from));
    Ok(Json(paging.page(all.collect(), |role| role.id.clone(), |role| role)))
}
