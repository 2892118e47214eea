//! Whether this process lives, and whether it can answer.
//!
//! `/live` asks nobody: a database that is away is no reason to restart every replica.
//! `/ready` asks the database. The engine may be unknown: Skep then still tells what it remembers.

use std::time::Duration;

use axum::{extract, http::StatusCode};

use super::State;

/// The database must answer by then.
const WITHIN: Duration = Duration::from_secs(2);

/// `GET /live`: 200 while the process answers at all.
pub async fn live() -> &'static str {
    "live\n"
}

/// `GET /ready`: 200 if the database answers, else 503.
pub async fn ready(extract::State(state): extract::State<State>) -> (StatusCode, &'static str) {
    let ask = async {
        let mut tx = state.db.read().await?;
        crate::db::setting::get(&mut tx, "ready").await
    };
    match tokio::time::timeout(WITHIN, ask).await {
        Ok(Ok(_)) => (StatusCode::OK, "ready\n"),
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready: the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer in time\n"),
    }
}
