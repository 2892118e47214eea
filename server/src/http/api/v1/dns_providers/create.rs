//! `POST /api/v1/dns-providers`

use axum::{Json, http::StatusCode};
use serde::Deserialize;

use super::{DnsProviderView, LoginBody};
use crate::{
    control::{
        Ctx,
        dns::{self, NewProvider},
    },
    domain::{dns_provider::Settings, name::Slug},
    http::{Problem, api::v1::members::PlaceBody, json as body},
};

/// A provider to be named.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = CreateDnsProvider)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Unique within the team.
    name: Slug,
    /// Apps there and below may use it.
    place: PlaceBody,
    /// The zones there that it is for, as the provider calls them: `example.org`.
    zones: Vec<String>,
    /// Its kind, and how that is asked.
    settings: Settings,
    /// What it is shown.
    login: LoginBody,
}

/// Name a DNS provider, for wildcard certificates and domains that are proved by their DNS.
///
/// It is not asked yet; `test` puts a harmless record in each zone, looks it up, and takes it away.
#[utoipa::path(
    post,
    path = "/dns-providers",
    tag = "dns",
    operation_id = "create_dns_providers",
    request_body = Body,
    responses((status = 201, description = "Made.", body = DnsProviderView)),
)]
pub async fn handler(
    cx: Ctx,
    body::Json(body): body::Json<Body>,
) -> Result<(StatusCode, Json<DnsProviderView>), Problem> {
    let new = NewProvider {
        name: body.name,
        place: body.place.into(),
        zones: body.zones,
        settings: body.settings,
        login_id: body.login.id,
        login_secret: body.login.secret,
    };
    Ok((StatusCode::CREATED, Json(DnsProviderView::from(dns::create(&cx, new).await?))))
}
