//! Whether this process lives, and whether it can answer.
//!
//! `/live` asks nobody: a database that is away is no reason to restart every replica.
//! `/ready` asks the database. The engine may be unknown: Skep then still tells what it remembers.

use std::time::Duration;

use axum::{
    extract,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};

use super::{State, answer::AsItIs};

/// The database must answer by then.
const WITHIN: Duration = Duration::from_secs(2);

/// `GET /live`: 200 while the process answers at all.
pub async fn live() -> &'static str {
    "live\n"
}

/// `GET /ready`: 200 if the database answers, else 503.
pub async fn ready(extract::State(state): extract::State<State>) -> Response {
    let ask = async {
        let mut tx = state.parts.db.read().await?;
        crate::db::setting::get(&mut tx, "ready").await
    };
    let why = match tokio::time::timeout(WITHIN, ask).await {
        Ok(Ok(_)) => return "ready\n".into_response(),
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready: the database does not answer");
            "the database does not answer\n"
        }
        Err(_) => "the database does not answer in time\n",
    };
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, why).into_response();
    response.extensions_mut().insert(AsItIs);
    response
}
