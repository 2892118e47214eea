//! `GET /api/v1/dns-providers`

use axum::Json;

use super::DnsProviderView;
use crate::{
    control::{Ctx, dns},
    http::{
        api::v1::Answer,
        query::{Page, Paging, Query},
    },
};

/// The DNS providers of places where the caller may give credentials, by name.
#[utoipa::path(
    get,
    path = "/dns-providers",
    tag = "dns",
    operation_id = "list_dns_providers",
    params(Paging),
    responses((status = 200, description = "Done.", body = Page<DnsProviderView>)),
)]
pub async fn handler(cx: Ctx, Query(paging): Query<Paging>) -> Answer<Page<DnsProviderView>> {
    let all = dns::list(&cx).await?;
    Ok(Json(paging.page(all, |provider| provider.id.to_string(), DnsProviderView::from)))
}
