//! `GET /api/v1/members`

use axum::Json;

use super::MemberView;
use crate::{
    control::{Ctx, members},
    http::{
        api::v1::Answer,
        query::{Page, Paging, Query},
    },
};

/// The members of the team, by address, with their roles; service accounts among them.
#[utoipa::path(
    get,
    path = "/members",
    tag = "members",
    operation_id = "list_members",
    params(Paging),
    responses((status = 200, description = "Done.", body = Page<MemberView>)),
)]
pub async fn handler(cx: Ctx, Query(paging): Query<Paging>) -> Answer<Page<MemberView>> {
    let all = members::list(&cx).await?;
    Ok(Json(paging.page(all, |item| item.user.to_string(), MemberView::from)))
}
