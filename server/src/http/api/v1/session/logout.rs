//! `POST /api/v1/logout`

use axum::response::Response;

use super::signed_out_answer;
use crate::{
    control::identity,
    http::{Peer, Problem, SignedInCaller},
};

/// Sign out.
///
/// Ends the session, or the token, that the request shows.
#[utoipa::path(
    post,
    path = "/logout",
    tag = "session",
    operation_id = "logout_session",
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(peer: Peer, known: SignedInCaller) -> Result<Response, Problem> {
    identity::logout(&known.cx, &known.caller).await?;
    Ok(signed_out_answer(peer.https))
}
