//! `POST /api/v1/dns-providers/{id}/test`

use axum::Json;
use serde::Serialize;

use crate::{
    control::{Ctx, dns},
    domain::id::DnsProviderId,
    http::{api::v1::Answer, id::Id},
};

/// How a provider did.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DnsTest {
    /// A record was put in each zone, seen at all its servers, and taken away.
    ok: bool,
    /// What is wrong, for programs: `dns_denied`, `zone_missing`, `dns_unreachable`, `dns_unusable`,
    /// `dns_not_seen`, `alias_missing`, `address_not_allowed`.
    code: Option<String>,
    /// What is wrong, for people, with the provider's own words.
    message: Option<String>,
}

/// Try a DNS provider now: a harmless record is put in each zone, looked up, and taken away.
#[utoipa::path(
    post,
    path = "/dns-providers/{id}/test",
    tag = "dns",
    operation_id = "test_dns_providers",
    params(("id" = String, Path)),
    responses((status = 200, description = "It was tried; `ok` says how that went.", body = DnsTest)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<DnsProviderId>) -> Answer<DnsTest> {
    let (code, message) = match dns::test(&cx, id).await? {
        Ok(()) => (None, None),
        Err(wrong) => (Some(wrong.code.to_owned()), Some(wrong.message)),
    };
    Ok(Json(DnsTest { ok: code.is_none(), code, message }))
}
