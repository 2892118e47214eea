//! `POST /api/v1/login`

use axum::{extract::State as Extract, http::StatusCode, response::Response};
use serde::Deserialize;

use super::{EntryView, entry_answer};
use crate::{
    control::identity::{self, Login},
    domain::secret::Secret,
    http::{Peer, Problem, State, json as body},
};

/// Who signs in.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = Login)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Their address.
    email: String,
    /// Their password.
    #[schema(value_type = String)]
    password: Secret,
}

/// Sign in.
///
/// The answer sets the session cookie, or says `second_factor`: then go on at `/login/second`.
/// Programs use an API token instead.
#[utoipa::path(
    post,
    path = "/login",
    tag = "session",
    operation_id = "login_session",
    request_body = Body,
    responses((status = 200, description = "Done.", body = EntryView)),
    security(()),
)]
pub async fn handler(
    Extract(state): Extract<State>,
    peer: Peer,
    body::Json(body): body::Json<Body>,
) -> Result<Response, Problem> {
    let login = Login {
        email: &body.email,
        password: &body.password,
        from: peer.address,
        agent: &peer.agent,
        known: peer.known.as_deref(),
        old: peer.session.as_deref(),
    };
    let entry = identity::login(&state.parts, login).await?;
    Ok(entry_answer(StatusCode::OK, &entry, peer.https))
}
