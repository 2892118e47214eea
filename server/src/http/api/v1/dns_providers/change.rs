//! `PATCH /api/v1/dns-providers/{id}`

use axum::Json;
use serde::Deserialize;

use super::{DnsProviderView, LoginBody};
use crate::{
    control::{
        Ctx,
        dns::{self, Changed},
    },
    domain::{dns_provider::Settings, id::DnsProviderId},
    http::{api::v1::Answer, id::Id, json as body},
};

/// What is to be changed; what is absent stays as it is.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ChangeDnsProvider)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The zones there that it is for from now on.
    #[serde(default)]
    zones: Option<Vec<String>>,
    /// How it is asked from now on, of the same kind.
    #[serde(default)]
    settings: Option<Settings>,
    /// What it is shown from now on; must be given with another address.
    #[serde(default)]
    login: Option<LoginBody>,
}

/// Change a DNS provider's zones, settings or credentials.
#[utoipa::path(
    patch,
    path = "/dns-providers/{id}",
    tag = "dns",
    operation_id = "change_dns_providers",
    params(("id" = String, Path)),
    request_body = Body,
    responses((status = 200, description = "Done.", body = DnsProviderView)),
)]
pub async fn handler(
    cx: Ctx,
    Id(id): Id<DnsProviderId>,
    body::Json(body): body::Json<Body>,
) -> Answer<DnsProviderView> {
    let login = body.login.map(|login| (login.id, login.secret));
    let changed = Changed { zones: body.zones, settings: body.settings, login };
    Ok(Json(DnsProviderView::from(dns::change(&cx, id, changed).await?)))
}
