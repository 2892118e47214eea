//! `GET /api/v1/directories`

use axum::Json;

use super::DirectoryView;
use crate::{
    control::{Ctx, directories},
    http::{
        api::v1::Answer,
        query::{Page, Paging, Query},
    },
};

/// The directories beside that of the settings, in their order.
#[utoipa::path(
    get,
    path = "/directories",
    tag = "directories",
    operation_id = "list_directories",
    params(Paging),
    responses((status = 200, description = "Done.", body = Page<DirectoryView>)),
)]
pub async fn handler(cx: Ctx, Query(paging): Query<Paging>) -> Answer<Page<DirectoryView>> {
    let all = directories::list(&cx).await?;
    Ok(Json(paging.page(all, |listed| listed.id.to_string(), |listed| DirectoryView::new(&cx, listed))))
}
