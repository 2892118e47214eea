//! `GET /api/v1/apps/{id}/ports`

use axum::Json;

use super::PortView;
use crate::{
    control::{Ctx, ports},
    domain::id::AppId,
    http::{
        api::v1::Answer,
        id::Id,
        query::{Page, Paging, Query},
    },
};

/// The public ports of an app, by number.
#[utoipa::path(
    get,
    path = "/apps/{id}/ports",
    tag = "ports",
    operation_id = "list_ports",
    params(("id" = String, Path), Paging),
    responses((status = 200, description = "Done.", body = Page<PortView>)),
)]
pub async fn handler(cx: Ctx, Id(app): Id<AppId>, Query(paging): Query<Paging>) -> Answer<Page<PortView>> {
    let all = ports::list(&cx, app).await?.own;
    Ok(Json(paging.page(all, |port| port.id.to_string(), PortView::from)))
}
