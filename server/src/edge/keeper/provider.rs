//! Traefik's HTTP provider, on loopback: its poll is held until there is something new for it.
//!
//! Traefik asks again at its next tick (`entry.rs`: each 100 ms), and a tick that comes while a poll is
//! held waits for its end: so somebody always waits here, and a change goes out at once. After an
//! error Traefik asks later and later; so nothing is an error but having nothing at all.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::net::TcpListener;

use super::{Shared, status::Told};
use crate::domain::clock::Clock;

/// How long a poll is held at most: well within Traefik's `pollTimeout`.
pub const HOLD: Duration = Duration::from_secs(30);
/// What Traefik has got but does not serve yet is given to it again after this.
const AGAIN: Duration = Duration::from_secs(1);

#[derive(Clone)]
struct Here {
    shared: Shared,
    clock: Arc<dyn Clock>,
    /// The version that Traefik got last.
    given: Arc<std::sync::Mutex<Option<String>>>,
}

pub(super) async fn serve(listener: TcpListener, shared: Shared, clock: Arc<dyn Clock>) {
    let here = Here { shared, clock, given: Arc::default() };
    let router =
        Router::new().route("/edge/traefik", get(poll)).route("/status", get(status)).with_state(here);
    if let Err(error) = axum::serve(listener, router).await {
        tracing::error!(%error, "Traefik cannot ask for its configuration any more");
    }
}

async fn poll(State(here): State<Here>) -> Response {
    let given = here.given.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
    let loaded = here.shared.loaded.borrow().clone();
    let patience = if given.is_some() && given != loaded { AGAIN } else { HOLD };
    let mut documents = here.shared.document.subscribe();
    tokio::select! {
        _ = documents.wait_for(|document| document.as_ref().is_some_and(|new| given.as_ref() != Some(&new.version))) => {}
        () = tokio::time::sleep(patience) => {}
        // Traefik ends only after its poll has.
        () = here.shared.stop.cancelled() => {}
    }
    let Some(document) = here.shared.document.borrow().clone() else {
        tracing::warn!(
            "Traefik asks, but there is no configuration: Skep has never answered, and none is kept"
        );
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    *here.given.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(document.version.clone());
    ([(header::CONTENT_TYPE, "application/json")], document.json.clone()).into_response()
}

async fn status(State(here): State<Here>) -> Json<Told> {
    let version = here.shared.document.borrow().as_ref().map(|document| document.version.clone());
    let loaded = here.shared.loaded.borrow().clone();
    Json(here.shared.status.told(version, loaded, here.clock.now()))
}
