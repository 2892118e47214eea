//! `POST /api/v1/own-certificates`

use axum::{Json, http::StatusCode};
use serde::Deserialize;

use super::OwnCertificateView;
use crate::{
    control::{Ctx, own_certificates},
    domain::secret::Secret,
    http::{Problem, json as body},
};

/// A certificate with its key.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = UploadCertificate)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The chain, PEM: the host's own first, then those of the authorities between it and the root.
    chain: String,
    /// The private key, PEM (PKCS#8, without a password); never told again.
    #[schema(value_type = String)]
    key: Secret,
}

/// Bring a certificate along, for all hosts of the team that it names; one of the same names is replaced.
#[utoipa::path(
    post,
    path = "/own-certificates",
    tag = "certificates",
    operation_id = "upload_own_certificates",
    request_body = Body,
    responses((status = 201, description = "Taken.", body = OwnCertificateView)),
)]
pub async fn handler(
    cx: Ctx,
    body::Json(body): body::Json<Body>,
) -> Result<(StatusCode, Json<OwnCertificateView>), Problem> {
    let taken = own_certificates::upload(&cx, &body.chain, &body.key).await?;
    let view = OwnCertificateView { warnings: taken.warnings, ..OwnCertificateView::from(taken.certificate) };
    Ok((StatusCode::CREATED, Json(view)))
}
