//! `POST /api/v1/apps/{id}/domains`

use axum::{Json, http::StatusCode};
use serde::Deserialize;

use super::DomainView;
use crate::{
    control::{
        Ctx, certificates,
        domains::{self, NewDomain},
    },
    domain::{certificate::Challenge, domain_name::PathPrefix, host_pattern::HostPattern, id::AppId},
    http::{Problem, id::Id, json as body},
};

/// A domain to be added.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = AddDomain)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The host: `shop.example.org`; or `*.shop.example.org`, for all of one label below it, which needs a
    /// DNS provider and a proof that the domain is the team's.
    host: HostPattern,
    /// Requests under this path: all if absent.
    #[serde(default)]
    path: Option<PathPrefix>,
    /// Take the path off before the app sees the request.
    #[serde(default)]
    strip: bool,
    /// The service of a Compose app.
    #[serde(default)]
    service: Option<String>,
    /// The port in the container; the app's own if absent.
    #[serde(default)]
    port: Option<u16>,
    /// Serve over HTTPS and redirect http: true if absent.
    #[serde(default = "yes")]
    https: bool,
    /// How an authority is shown that the host is ours: `dns` needs a DNS provider; `http` if absent.
    #[serde(default)]
    #[schema(inline)]
    challenge: Challenge,
    /// The name is below `.internal` or `.local`: the instance's own authority speaks for it.
    #[serde(default)]
    private: bool,
}

/// Add a domain to an app.
///
/// It is routed within seconds; its certificate is obtained as soon as its DNS leads here.
#[utoipa::path(
    post,
    path = "/apps/{id}/domains",
    tag = "domains",
    operation_id = "add_domains",
    params(("id" = String, Path)),
    request_body = Body,
    responses((status = 201, description = "Made.", body = DomainView)),
)]
pub async fn handler(
    cx: Ctx,
    Id(app): Id<AppId>,
    body::Json(body): body::Json<Body>,
) -> Result<(StatusCode, Json<DomainView>), Problem> {
    let path = match body.path {
        Some(path) => path,
        None => PathPrefix::parse("/").map_err(|wrong| Problem::wrong("path", wrong))?,
    };
    let new = NewDomain {
        host: body.host,
        path,
        strip: body.strip,
        service: body.service,
        port: body.port,
        https: body.https,
        challenge: body.challenge,
        private: body.private,
    };
    let domain = domains::add(&cx, app, new).await?;
    let certificates = certificates::of_app(&cx, app).await?;
    Ok((StatusCode::CREATED, Json(DomainView::new(domain, &certificates))))
}

const fn yes() -> bool {
    true
}
