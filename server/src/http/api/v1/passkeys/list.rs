//! `GET /api/v1/passkeys`

use axum::Json;

use super::PasskeyView;
use crate::{
    control::{Ctx, identity::passkeys},
    http::{
        api::v1::Answer,
        query::{Page, Paging, Query},
    },
};

/// My passkeys, oldest first.
#[utoipa::path(
    get,
    path = "/passkeys",
    tag = "passkeys",
    operation_id = "list_passkeys",
    params(Paging),
    responses((status = 200, description = "Done.", body = Page<PasskeyView>)),
)]
pub async fn handler(cx: Ctx, Query(paging): Query<Paging>) -> Answer<Page<PasskeyView>> {
    let all = passkeys::list(&cx).await?;
    Ok(Json(paging.page(all, |one| one.id.to_string(), PasskeyView::from)))
}
