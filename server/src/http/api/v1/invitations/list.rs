//! `GET /api/v1/invitations`

use axum::Json;

use super::InvitationView;
use crate::{
    control::{Ctx, invitations},
    http::{
        api::v1::Answer,
        query::{Page, Paging, Query},
    },
};

/// The open invitations to the team, newest first, without their codes.
#[utoipa::path(
    get,
    path = "/invitations",
    tag = "invitations",
    operation_id = "list_invitations",
    params(Paging),
    responses((status = 200, description = "Done.", body = Page<InvitationView>)),
)]
pub async fn handler(cx: Ctx, Query(paging): Query<Paging>) -> Answer<Page<InvitationView>> {
    let all = invitations::list(&cx).await?;
    Ok(Json(paging.page(all, |item| item.id.to_string(), InvitationView::from)))
}
