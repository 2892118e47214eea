//! `GET /api/v1/host-keys`

use axum::Json;

use super::HostKeyView;
use crate::{
    control::{Ctx, host_keys},
    http::{
        api::v1::Answer,
        query::{Page, Paging, Query},
    },
};

/// The trusted keys of ssh hosts in all places where the asker manages them, by host.
#[utoipa::path(
    get,
    path = "/host-keys",
    tag = "credentials",
    operation_id = "list_host_keys",
    params(Paging),
    responses((status = 200, description = "Done.", body = Page<HostKeyView>)),
)]
pub async fn handler(cx: Ctx, Query(paging): Query<Paging>) -> Answer<Page<HostKeyView>> {
    let all = host_keys::list(&cx).await?;
    Ok(Json(paging.page(all, |shown| format!("{} {}", shown.place, shown.line()), HostKeyView::from)))
}
