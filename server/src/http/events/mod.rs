//! Live streams (server-sent events). The events are `skep_web::api::events`, which both sides use.
//!
//! A stream re-reads SQL or the engine, hints only wake it; it ends with the server, and within
//! seconds of the session or token by which it was opened (case 115).

mod app_logs;
mod app_requests;
mod deployment;

use std::{convert::Infallible, time::Duration};

use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::{
        IntoResponse as _, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{Stream, StreamExt as _};
use serde::Serialize;

use super::{Problem, State, auth::SignedInCaller};

pub use app_logs::app_logs;
pub use app_requests::app_requests;
pub use deployment::deployment;

/// How often it is looked whether the caller may still read.
const STILL: Duration = Duration::from_secs(4);

/// The id of the last event that a reconnecting browser has.
fn last_event(headers: &HeaderMap) -> Option<i64> {
    headers.get("last-event-id")?.to_str().ok()?.parse().ok()
}

/// An event as it is written.
fn event(id: Option<i64>, data: &impl Serialize) -> Option<Event> {
    let event = Event::default().json_data(data).ok()?;
    Some(match id {
        Some(id) => event.id(id.to_string()),
        None => event,
    })
}

/// Answers with a stream, while there are places for one.
fn answer(
    state: &State,
    known: SignedInCaller,
    events: impl Stream<Item = Event> + Send + 'static,
) -> Result<Response, Problem> {
    let place = state.streams.clone().try_acquire_owned().map_err(|_| {
        let detail = "too many live streams at once; try again";
        Problem::new(axum::http::StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail).retry_after(5)
    })?;
    let end = over(state.clone(), known);
    let events = events.take_until(end).map(move |event| {
        let _held = &place;
        Ok::<_, Infallible>(event)
    });
    let mut response =
        Sse::new(events).keep_alive(KeepAlive::new().interval(state.limits.keep_alive)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    // A buffering proxy would hold lines back.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// Ends when the server does, or when the caller may no longer read.
async fn over(state: State, known: SignedInCaller) {
    loop {
        tokio::select! {
            () = state.stop.cancelled() => return,
            () = tokio::time::sleep(STILL) => {}
        }
        // A database that does not answer is no reason to cut everybody off.
        if matches!(known.still(&state).await, Ok(false)) {
            return;
        }
    }
}
