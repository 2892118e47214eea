//! `POST /api/v1/two-factor`

use axum::Json;
use serde::{Deserialize, Serialize};

use crate::{
    control::identity::two_factor,
    domain::secret::Secret,
    http::{SignedInCaller, api::v1::Answer, json as body},
};

/// What shows once more who asks.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = BeginTwoFactor)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// My password.
    #[schema(value_type = String)]
    password: Secret,
}

/// What an authenticator app is given.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EnrolmentView {
    /// To be typed into the app: base32.
    key: String,
    /// To be shown to the app as a QR code: `otpauth://totp/…`.
    uri: String,
}

/// Begin to turn two-factor sign-in on.
///
/// The key is told this once, and counts when a code of it is shown. Until then nothing changes.
#[utoipa::path(
    post,
    path = "/two-factor",
    tag = "two-factor",
    operation_id = "begin_two_factor",
    request_body = Body,
    responses((status = 200, description = "Done.", body = EnrolmentView)),
)]
pub async fn handler(known: SignedInCaller, body::Json(body): body::Json<Body>) -> Answer<EnrolmentView> {
    let begun = two_factor::begin(&known.cx, &known.caller, &body.password).await?;
    Ok(Json(EnrolmentView { key: begun.key.expose().to_owned(), uri: begun.uri.expose().to_owned() }))
}
