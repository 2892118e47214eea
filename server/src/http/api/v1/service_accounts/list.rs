//! `GET /api/v1/service-accounts`

use axum::Json;

use super::ServiceAccountView;
use crate::{
    control::{Ctx, service_accounts},
    http::{
        api::v1::Answer,
        query::{Page, Paging, Query},
    },
};

/// The service accounts of the team, by name, with their roles.
#[utoipa::path(
    get,
    path = "/service-accounts",
    tag = "service-accounts",
    operation_id = "list_service_accounts",
    params(Paging),
    responses((status = 200, description = "Done.", body = Page<ServiceAccountView>)),
)]
pub async fn handler(cx: Ctx, Query(paging): Query<Paging>) -> Answer<Page<ServiceAccountView>> {
    let all = service_accounts::list(&cx).await?;
    Ok(Json(paging.page(all, |item| item.user.to_string(), ServiceAccountView::from)))
}
