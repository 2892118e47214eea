//! `GET /api/v1/stores`

use axum::Json;

use super::StoreView;
use crate::{
    control::{Ctx, stores},
    http::{
        api::v1::Answer,
        query::{Page, Paging, Query},
    },
};

/// The secret stores of places where the caller may give credentials, by name.
#[utoipa::path(
    get,
    path = "/stores",
    tag = "stores",
    operation_id = "list_stores",
    params(Paging),
    responses((status = 200, description = "Done.", body = Page<StoreView>)),
)]
pub async fn handler(cx: Ctx, Query(paging): Query<Paging>) -> Answer<Page<StoreView>> {
    let all = stores::list(&cx).await?;
    Ok(Json(paging.page(all, |store| store.id.to_string(), StoreView::from)))
}
