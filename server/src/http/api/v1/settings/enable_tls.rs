//! `POST /api/v1/settings/tls`

use axum::Json;
use serde::Deserialize;

use crate::{
    control::{Ctx, settings},
    http::{
        api::v1::{Answer, certificates::CertificateView},
        json as body,
    },
};

/// The contact.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = EnableTls)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Where the authority may write to; as it was if absent.
    #[serde(default)]
    email: Option<String>,
}

/// Ask for a certificate for the platform's own host, now.
#[utoipa::path(
    post,
    path = "/settings/tls",
    tag = "settings",
    operation_id = "enable_tls_settings",
    request_body = Body,
    responses((status = 200, description = "Done.", body = CertificateView)),
)]
pub async fn handler(cx: Ctx, body::Json(body): body::Json<Body>) -> Answer<CertificateView> {
    let certificate = settings::enable_tls(&cx, body.email.as_deref()).await?;
    Ok(Json(CertificateView::from(&certificate)))
}
