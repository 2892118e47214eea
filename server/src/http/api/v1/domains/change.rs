//! `PATCH /api/v1/apps/{id}/domains/{domain}`

use axum::Json;
use serde::Deserialize;

use super::DomainView;
use crate::{
    control::{
        Ctx, certificates,
        domains::{self, DomainChange},
    },
    domain::{
        domain_name::PathPrefix,
        id::{AppId, DomainId},
        route::{LoginGiven, Logins, OptionsChange},
    },
    http::{api::v1::Answer, id::Ids, json as body},
};

/// What is to be other than before; what is absent stays.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ChangeDomain)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Requests under this path.
    path: Option<PathPrefix>,
    /// Take the path off before the app sees the request.
    strip: Option<bool>,
    /// The service of a Compose app.
    service: Option<String>,
    /// The port in the container.
    port: Option<u16>,
    /// Serve over HTTPS and redirect http.
    https: Option<bool>,
    /// Send the host with `www.` on to this one; of one that begins with `www.`, the host without it. It
    /// becomes the app's, and gets a certificate, too.
    redirect_www: Option<bool>,
    /// What else holds: each field that is given, `null` takes it away.
    #[serde(default)]
    options: OptionsChange,
    /// Whom visitors must show to be, by name and password: exactly these from now on; an empty list asks
    /// nobody. Passwords are never answered.
    #[schema(value_type = Option<Vec<LoginGiven>>)]
    logins: Option<Logins>,
}

impl From<Body> for DomainChange {
    fn from(body: Body) -> Self {
        Self {
            path: body.path,
            strip: body.strip,
            service: body.service,
            port: body.port,
            https: body.https,
            redirect_www: body.redirect_www,
            options: body.options,
            logins: body.logins,
        }
    }
}

/// Change what holds for a domain.
///
/// It is served so within seconds, without a deployment.
#[utoipa::path(
    patch,
    path = "/apps/{id}/domains/{domain}",
    tag = "domains",
    operation_id = "change_domains",
    params(("id" = String, Path), ("domain" = String, Path)),
    request_body = Body,
    responses((status = 200, description = "Done.", body = DomainView)),
)]
pub async fn handler(
    cx: Ctx,
    Ids(app, id): Ids<AppId, DomainId>,
    body::Json(body): body::Json<Body>,
) -> Answer<DomainView> {
    let domain = domains::change(&cx, app, id, body.into()).await?;
    let certificates = certificates::of_app(&cx, app).await?;
    Ok(Json(DomainView::new(domain, &certificates)))
}
