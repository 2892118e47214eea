//! `POST /edge/traffic`: what an edge counted, and the requests that somebody watches. It shows the same
//! token as Traefik (`edge.rs`), before a byte of the body is read.

use axum::{Json, body::Body, extract::State as Extract, http::HeaderMap};

use super::{Problem, State, body, edge::shows_token, json::parse};
use crate::{control::traffic::receive, domain::traffic::Watching};

/// Takes a report, once; what is watched now.
pub async fn traffic(
    Extract(state): Extract<State>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Watching>, Problem> {
    shows_token(&state, &headers)?;
    let bytes = body::read(&headers, body, state.limits.json, state.limits.read, &state.long).await?;
    Ok(Json(receive(&state.parts, parse(&bytes)?).await?))
}
