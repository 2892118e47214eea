//! All routes.

use axum::{Router, routing::get};

use super::{State, health};

/// The whole server as one service.
#[must_use]
pub fn router(state: State) -> Router {
    Router::new().route("/live", get(health::live)).route("/ready", get(health::ready)).with_state(state)
}
