//! How many requests are answered at once. More are told to come back, at once (S16).

use axum::{
    extract::{Request, State as Extract},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::{Problem, State};

/// Around every request but those that tell whether we live.
pub async fn layer(Extract(state): Extract<State>, request: Request, next: Next) -> Response {
    let Ok(_permit) = state.requests.try_acquire() else {
        return Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "overloaded",
            "too many requests at once; try again",
        )
        .retry_after(1)
        .into_response();
    };
    next.run(request).await
}
