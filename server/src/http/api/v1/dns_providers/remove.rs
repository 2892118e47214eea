//! `DELETE /api/v1/dns-providers/{id}`

use axum::http::StatusCode;

use crate::{
    control::{Ctx, dns},
    domain::id::DnsProviderId,
    http::{Problem, id::Id},
};

/// Remove a DNS provider. Certificates that were proved by it are served on until they run out.
#[utoipa::path(
    delete,
    path = "/dns-providers/{id}",
    tag = "dns",
    operation_id = "remove_dns_providers",
    params(("id" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Id(id): Id<DnsProviderId>) -> Result<StatusCode, Problem> {
    dns::remove(&cx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
