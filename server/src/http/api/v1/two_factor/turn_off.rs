//! `POST /api/v1/two-factor/off`

use axum::response::Response;

use super::Proof;
use crate::{
    control::identity::two_factor,
    http::{
        Peer, Problem, SignedInCaller,
        api::v1::session::{PersonView, rotated_answer},
        json as body,
    },
};

/// Turn two-factor sign-in off.
///
/// All my other sessions end; this one goes on under the cookie that the answer sets.
#[utoipa::path(
    post,
    path = "/two-factor/off",
    tag = "two-factor",
    operation_id = "turn_off_two_factor",
    request_body = Proof,
    responses((status = 200, description = "It is off.", body = PersonView)),
)]
pub async fn handler(
    peer: Peer,
    known: SignedInCaller,
    body::Json(body): body::Json<Proof>,
) -> Result<Response, Problem> {
    let signed_in =
        two_factor::turn_off(&known.cx, &known.caller, &body.password, &body.code, &peer.agent).await?;
    Ok(rotated_answer(PersonView::from(&signed_in.user), &signed_in, peer.https))
}
