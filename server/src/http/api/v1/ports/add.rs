//! `POST /api/v1/apps/{id}/ports`

use axum::{Json, http::StatusCode};
use serde::Deserialize;

use super::PortView;
use crate::{
    control::{
        Ctx,
        ports::{self, NewPort},
    },
    domain::{
        domain_name::Hostname,
        id::AppId,
        port::{PortTls, Protocol},
        route::Ranges,
    },
    http::{Problem, id::Id, json as body},
};

/// A public port to be added.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = AddPort)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// What is spoken.
    protocol: Protocol,
    /// The port of the instance: one of those that its owner has set.
    public: u16,
    /// The service of a Compose app.
    #[serde(default)]
    service: Option<String>,
    /// The port in the container.
    port: u16,
    /// Who speaks TLS: nobody at the edge, if absent. Only with `tcp` and `host`.
    #[serde(default)]
    tls: Option<PortTls>,
    /// The host that visitors must name in TLS: one of the app's own domains.
    #[serde(default)]
    host: Option<Hostname>,
    /// Only visitors from these addresses. Only with `tcp`.
    #[serde(default)]
    allow: Option<Ranges>,
}

/// Lead a public port to an app.
#[utoipa::path(
    post,
    path = "/apps/{id}/ports",
    tag = "ports",
    operation_id = "add_ports",
    params(("id" = String, Path)),
    request_body = Body,
    responses((status = 201, description = "Made.", body = PortView)),
)]
pub async fn handler(
    cx: Ctx,
    Id(app): Id<AppId>,
    body::Json(body): body::Json<Body>,
) -> Result<(StatusCode, Json<PortView>), Problem> {
    let new = NewPort {
        protocol: body.protocol,
        public: body.public,
        service: body.service,
        port: body.port,
        tls: body.tls,
        host: body.host,
        allow: body.allow,
    };
    Ok((StatusCode::CREATED, Json(ports::add(&cx, app, new).await?.into())))
}
