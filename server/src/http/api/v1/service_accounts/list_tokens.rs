//! `GET /api/v1/service-accounts/{id}/tokens`

use axum::Json;

use crate::{
    control::{Ctx, service_accounts::tokens},
    domain::id::UserId,
    http::{
        api::v1::{Answer, tokens::TokenView},
        id::Id,
        query::{Page, Paging, Query},
    },
};

/// The API tokens of a service account, newest first, without their values.
#[utoipa::path(
    get,
    path = "/service-accounts/{id}/tokens",
    tag = "service-accounts",
    operation_id = "list_tokens_service_accounts",
    params(("id" = String, Path), Paging),
    responses((status = 200, description = "Done.", body = Page<TokenView>)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<UserId>, Query(paging): Query<Paging>) -> Answer<Page<TokenView>> {
    let all = tokens::list(&cx, id).await?;
    Ok(Json(paging.page(all, |token| token.id.to_string(), TokenView::from)))
}
