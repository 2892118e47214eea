//! `POST /api/v1/login/passkey/begin`

use axum::{extract::State as Extract, response::Response};
use serde::Deserialize;

use crate::{
    control::identity::passkeys::{Step, begin_sign_in},
    http::{
        Peer, Problem, State,
        api::v1::passkeys::{OptionsView, asked_answer},
        json as body,
    },
};

/// Which step it is.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = BeginPasskeyLogin)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// In place of the code, after the password was shown.
    #[serde(default)]
    second_step: bool,
}

/// Begin to sign in with a passkey.
///
/// The answer has what `navigator.credentials.get` is asked, and sets the cookie with which the browser goes
/// on at `/login/passkey`, once and within five minutes.
#[utoipa::path(
    post,
    path = "/login/passkey/begin",
    tag = "session",
    operation_id = "begin_passkey_session",
    request_body = Body,
    responses((status = 200, description = "Done.", body = OptionsView)),
    security(()),
)]
pub async fn handler(
    Extract(state): Extract<State>,
    peer: Peer,
    body::Json(body): body::Json<Body>,
) -> Result<Response, Problem> {
    let step = if body.second_step { Step::Second(peer.pending.as_deref()) } else { Step::Only };
    let asked = begin_sign_in(&state.parts, peer.address, step).await?;
    Ok(asked_answer(asked, peer.https))
}
