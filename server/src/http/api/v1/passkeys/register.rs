//! `POST /api/v1/passkeys`

use axum::{Json, http::StatusCode};
use serde::Deserialize;

use super::PasskeyView;
use crate::{
    control::identity::passkeys::{self, Registration},
    http::{Peer, Problem, SignedInCaller, json as body},
};

/// A passkey that was made.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = RegisterPasskey)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// For me: `laptop`.
    name: String,
    /// The `toJSON` of what `navigator.credentials.create` gave.
    #[schema(value_type = Object)]
    credential: Registration,
}

/// Register a passkey, with the answer of the authenticator.
#[utoipa::path(
    post,
    path = "/passkeys",
    tag = "passkeys",
    operation_id = "register_passkeys",
    request_body = Body,
    responses((status = 201, description = "Made.", body = PasskeyView)),
)]
pub async fn handler(
    peer: Peer,
    known: SignedInCaller,
    body::Json(body): body::Json<Body>,
) -> Result<(StatusCode, Json<PasskeyView>), Problem> {
    let cookie = peer.passkey.as_deref();
    let made = passkeys::register(&known.cx, &known.caller, cookie, &body.name, &body.credential).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}
