//! `POST /api/v1/passkeys/begin`

use axum::response::Response;
use serde::Deserialize;

use super::{OptionsView, asked_answer};
use crate::{
    control::identity::passkeys,
    domain::secret::Secret,
    http::{Peer, Problem, SignedInCaller, json as body},
};

/// What shows once more who asks.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = BeginPasskey)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// My password.
    #[schema(value_type = String)]
    password: Secret,
    /// The code that my app shows, or a recovery code, if two-factor sign-in is on.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    code: Option<Secret>,
}

/// Begin to register a passkey.
///
/// The answer has what `navigator.credentials.create` is asked, and sets the cookie with which this browser
/// goes on at `/passkeys`, once and within five minutes.
#[utoipa::path(
    post,
    path = "/passkeys/begin",
    tag = "passkeys",
    operation_id = "begin_passkeys",
    request_body = Body,
    responses((status = 200, description = "Done.", body = OptionsView)),
)]
pub async fn handler(
    peer: Peer,
    known: SignedInCaller,
    body::Json(body): body::Json<Body>,
) -> Result<Response, Problem> {
    let asked = passkeys::begin(&known.cx, &known.caller, &body.password, body.code.as_ref()).await?;
    Ok(asked_answer(asked, peer.https))
}
