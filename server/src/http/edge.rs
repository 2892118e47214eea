//! What the keepers of the edge ask and say (`edge/keeper/`), by a token of their own.
//!
//! `GET /edge/traefik?wait=25`: the routes and certificates; the bytes are rendered once per change and
//! shared by all who wait. `PUT` and `DELETE /edge/replicas/{id}`: what a replica serves, and its end.

use std::time::Duration;

use axum::{
    extract::State as Extract,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use super::{Problem, State, auth::bearer, id::Id, json::Json, query::Query};
use crate::{
    control::edges,
    edge::keeper::{Replica, Report},
};

/// How long the first rendering is waited for, within Traefik's own five seconds.
const FIRST: Duration = Duration::from_secs(4);
/// How long a question may be kept open.
const LONGEST: u64 = 30;

/// What is asked beside the version that is known.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Seconds to wait for another version than the known one.
    #[serde(default)]
    wait: u64,
}

/// The routes and certificates; 503 while they are not known, so that the edge goes on with what it has.
/// 304 if they are those of `If-None-Match`, after `wait` seconds without a change.
pub async fn traefik(
    Extract(state): Extract<State>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    shows_token(&state, &headers)?;
    let edge = &state.parts.edge;
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let known = known.map(|value| value.trim_matches('"'));
    if let (Some(known), 1..) = (known, asked.wait) {
        tokio::select! {
            () = edge.changed_within(known, Duration::from_secs(asked.wait.min(LONGEST))) => {}
            // Whoever waits asks another server.
            () = state.stop.cancelled() => {}
        }
    }
    // Who is told an error asks more and more seldom: wait a little for the first.
    let Some(document) = edge.current_within(FIRST).await else {
        let detail = "the routes are not known yet";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "routes_unknown", detail).retry_after(1));
    };
    let etag = format!("\"{}\"", document.version);
    if known == Some(&document.version) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response());
    }
    let kind = (header::CONTENT_TYPE, "application/json".to_owned());
    Ok(([kind, (header::ETAG, etag)], document.json.clone()).into_response())
}

/// What a replica serves now.
pub async fn report(
    Extract(state): Extract<State>,
    headers: HeaderMap,
    Id(id): Id<Replica>,
    Json(report): Json<Report>,
) -> Result<StatusCode, Problem> {
    shows_token(&state, &headers)?;
    edges::seen(&state.parts, id, &report).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A replica ends.
pub async fn leave(
    Extract(state): Extract<State>,
    headers: HeaderMap,
    Id(id): Id<Replica>,
) -> Result<StatusCode, Problem> {
    shows_token(&state, &headers)?;
    edges::gone(&state.parts, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whoever asks shows the edge's token, which is compared in constant time.
///
/// # Errors
/// 401.
pub(super) fn shows_token(state: &State, headers: &HeaderMap) -> Result<(), Problem> {
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(bearer);
    let right = state.parts.instance.edge_token.as_ref();
    let fits = matches!((shown, right), (Some(shown), Some(right))
        if bool::from(shown.as_bytes().ct_eq(right.expose().as_bytes())));
    if fits {
        return Ok(());
    }
    Err(Problem::new(StatusCode::UNAUTHORIZED, "edge_token_wrong", "the edge's token is needed here"))
}
