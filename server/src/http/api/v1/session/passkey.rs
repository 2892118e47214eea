//! `POST /api/v1/login/passkey`

use axum::{extract::State as Extract, http::StatusCode, response::Response};
use serde::Deserialize;

use super::{PersonView, signed_in_answer};
use crate::{
    control::identity::passkeys::{Assertion, PasskeySignIn, sign_in},
    http::{Peer, Problem, State, json as body},
};

/// What the authenticator answers.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = PasskeyLogin)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The `toJSON` of what `navigator.credentials.get` gave.
    #[schema(value_type = Object)]
    credential: Assertion,
}

/// Sign in with a passkey.
///
/// For whoever was asked by `/login/passkey/begin`, with the cookie that it set. A passkey is both factors: no
/// code is asked for. The answer sets the session cookie.
#[utoipa::path(
    post,
    path = "/login/passkey",
    tag = "session",
    operation_id = "passkey_session",
    request_body = Body,
    responses((status = 200, description = "Done.", body = PersonView)),
    security(()),
)]
pub async fn handler(
    Extract(state): Extract<State>,
    peer: Peer,
    body::Json(body): body::Json<Body>,
) -> Result<Response, Problem> {
    let try_ = PasskeySignIn {
        cookie: peer.passkey.as_deref(),
        answer: &body.credential,
        from: peer.address,
        agent: &peer.agent,
        old: peer.session.as_deref(),
    };
    let signed_in = sign_in(&state.parts, try_).await?;
    Ok(signed_in_answer(StatusCode::OK, &signed_in, peer.https))
}
