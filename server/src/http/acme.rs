//! `GET /.well-known/acme-challenge/{token}` (RFC 8555, 8.3): any replica answers any challenge.

use axum::{
    extract::{Path, State as Extract},
    http::header,
    response::{IntoResponse as _, Response},
};

use super::{Problem, State};
use crate::{control::Error, db};

/// The answer to an open challenge.
pub async fn challenge(
    Extract(state): Extract<State>,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    // A token is base64url (RFC 8555, 8.1); anything else need not be looked up.
    let plausible = (1..=256).contains(&token.len())
        && token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let answer = if plausible {
        let mut tx = state.parts.db.read().await.map_err(Error::from)?;
        db::acme::challenge(&mut tx, &token, state.parts.clock.now()).await.map_err(Error::from)?
    } else {
        None
    };
    let answer = answer.ok_or_else(|| Problem::not_found("challenge"))?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], answer).into_response())
}
