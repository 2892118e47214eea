//! `POST /api/v1/invitations/accept`

use axum::{extract::State as Extract, http::StatusCode, response::Response};
use serde::Deserialize;

use crate::{
    control::invitations::{self, Joining},
    domain::secret::Secret,
    http::{
        Peer, Problem, State,
        api::v1::session::{EntryView, entry_answer},
        json as body,
    },
};

/// Who joins.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = AcceptInvitation)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The code that they were sent.
    #[schema(value_type = String)]
    code: Secret,
    /// A new password; that of their account if they have one here.
    #[schema(value_type = String)]
    password: Secret,
}

/// Take an invitation up, and sign in.
///
/// The answer sets the session cookie, or says `second_factor`: they have joined, and go on at
/// `/login/second`.
#[utoipa::path(
    post,
    path = "/invitations/accept",
    tag = "invitations",
    operation_id = "accept_invitations",
    request_body = Body,
    responses((status = 201, description = "Joined.", body = EntryView)),
    security(()),
)]
pub async fn handler(
    Extract(state): Extract<State>,
    peer: Peer,
    body::Json(body): body::Json<Body>,
) -> Result<Response, Problem> {
    let joining =
        Joining { code: &body.code, password: &body.password, from: peer.address, agent: &peer.agent };
    let entry = invitations::accept(&state.parts, joining).await?;
    Ok(entry_answer(StatusCode::CREATED, &entry, peer.https))
}
