//! `GET /api/v1/teams`

use axum::Json;

use super::TeamView;
use crate::{
    control::{Ctx, teams},
    http::{
        api::v1::Answer,
        query::{Page, Paging, Query},
    },
};

/// The teams that I am in, by name; all of them for the owner of the instance.
#[utoipa::path(
    get,
    path = "/teams",
    tag = "teams",
    operation_id = "list_teams",
    params(Paging),
    responses((status = 200, description = "Done.", body = Page<TeamView>)),
)]
pub async fn handler(cx: Ctx, Query(paging): Query<Paging>) -> Answer<Page<TeamView>> {
    let all = teams::list(&cx).await?;
    Ok(Json(paging.page(all, |item| item.id.to_string(), TeamView::from)))
}
