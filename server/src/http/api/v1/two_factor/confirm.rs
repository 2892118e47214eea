//! `POST /api/v1/two-factor/confirm`

use axum::response::Response;

use super::{Proof, RecoveryCodesView};
use crate::{
    control::identity::two_factor,
    http::{Peer, Problem, SignedInCaller, api::v1::session::rotated_answer, json as body},
};

/// Turn two-factor sign-in on, with a first code of the app.
///
/// The recovery codes are told this once. All my other sessions end; this one goes on under the cookie
/// that the answer sets.
#[utoipa::path(
    post,
    path = "/two-factor/confirm",
    tag = "two-factor",
    operation_id = "confirm_two_factor",
    request_body = Proof,
    responses((status = 200, description = "It is on.", body = RecoveryCodesView)),
)]
pub async fn handler(
    peer: Peer,
    known: SignedInCaller,
    body::Json(body): body::Json<Proof>,
) -> Result<Response, Problem> {
    let (signed_in, codes) =
        two_factor::confirm(&known.cx, &known.caller, &body.password, &body.code, &peer.agent).await?;
    Ok(rotated_answer(RecoveryCodesView::from(codes), &signed_in, peer.https))
}
