//! `GET /api/v1/tokens`

use axum::Json;

use super::TokenView;
use crate::{
    control::{Ctx, identity},
    http::{
        api::v1::Answer,
        query::{Page, Paging, Query},
    },
};

/// My API tokens, newest first.
#[utoipa::path(
    get,
    path = "/tokens",
    tag = "tokens",
    operation_id = "list_tokens",
    params(Paging),
    responses((status = 200, description = "Done.", body = Page<TokenView>)),
)]
pub async fn handler(cx: Ctx, Query(paging): Query<Paging>) -> Answer<Page<TokenView>> {
    let all = identity::tokens(&cx).await?;
    Ok(Json(paging.page(all, |t| t.id.to_string(), TokenView::from)))
}
