//! `POST /api/v1/login/second`

use axum::{extract::State as Extract, http::StatusCode, response::Response};
use serde::Deserialize;

use super::{PersonView, signed_in_answer};
use crate::{
    control::identity::{self, SecondStep},
    domain::secret::Secret,
    http::{Peer, Problem, State, json as body},
};

/// What shows that it is really them.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = SecondStep)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The code that the authenticator app shows, or a recovery code.
    #[schema(value_type = String)]
    code: Secret,
}

/// Sign in: the second step.
///
/// For whoever was answered `second_factor` by the first one, with the cookie that it set, within five
/// minutes. The answer sets the session cookie. Each code counts once.
#[utoipa::path(
    post,
    path = "/login/second",
    tag = "session",
    operation_id = "second_step_session",
    request_body = Body,
    responses((status = 200, description = "Done.", body = PersonView)),
    security(()),
)]
pub async fn handler(
    Extract(state): Extract<State>,
    peer: Peer,
    body::Json(body): body::Json<Body>,
) -> Result<Response, Problem> {
    let step = SecondStep {
        from: peer.address,
        pending: peer.pending.as_deref(),
        code: &body.code,
        agent: &peer.agent,
        known: peer.known.as_deref(),
        old: peer.session.as_deref(),
    };
    let signed_in = identity::second_step(&state.parts, step).await?;
    Ok(signed_in_answer(StatusCode::OK, &signed_in, peer.https))
}
