//! `GET /edge/traefik`: what Traefik polls each second. It shows a token of its own; the bytes are
//! rendered once per change and shared by all polls.

use axum::{
    extract::State as Extract,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use subtle::ConstantTimeEq as _;

use super::{Problem, State, auth::bearer};

/// How long the first rendering is waited for, within Traefik's own five seconds.
const FIRST: std::time::Duration = std::time::Duration::from_secs(4);

/// The routes and certificates; 503 while they are not known, so that Traefik goes on with what it has.
pub async fn traefik(Extract(state): Extract<State>, headers: HeaderMap) -> Result<Response, Problem> {
    shows_token(&state, &headers)?;
    // Traefik asks an endpoint that answers errors more and more seldom: wait a little for the first.
    let Some(document) = state.parts.edge.current_within(FIRST).await else {
        let detail = "the routes are not known yet";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "routes_unknown", detail).retry_after(1));
    };
    let etag = format!("\"{}\"", document.version);
    if headers.get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == etag.as_bytes()) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response());
    }
    let kind = (header::CONTENT_TYPE, "application/json".to_owned());
    Ok(([kind, (header::ETAG, etag)], document.json.clone()).into_response())
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
