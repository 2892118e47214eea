//! All routes, and what stands around them.

use axum::{
    Router, middleware,
    routing::{any, get, post, put},
};
use tower_http::{CompressionLevel, compression::CompressionLayer};

use super::{
    State, acme, answer, api, away, bounds, edge, edge_traffic, events, gate, headers, health, hooks,
    metrics, openapi, origin, page, refused,
};

use crate::edge::GATE_PATH;

/// The whole server as one service.
pub fn router(state: State) -> Router {
    let (v1, _) = api::v1::routes().split_for_parts();
    // What a browser may reach with its cookie.
    let people = Router::new()
        .nest("/api/v1", v1)
        .route("/api", get(openapi::page))
        .route("/api/openapi.json", get(openapi::json))
        .route("/gate/{domain}", get(gate::enter))
        .route("/events/deployments/{id}", get(events::deployment))
        .route("/events/apps/{id}/logs", get(events::app_logs))
        .route("/events/apps/{id}/requests", get(events::app_requests))
        .fallback(page::page)
        // Not for streams, which it would hold back, nor for images.
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(middleware::from_fn_with_state(state.clone(), origin::layer))
        .layer(middleware::from_fn_with_state(state.clone(), refused::layer));
    // What has its own kind of proof, or needs none.
    let machines = Router::new()
        .route("/hooks/{provider}/{id}", post(hooks::hook))
        .route("/edge/page/{domain}/{why}", any(away::page))
        .route("/edge/gate/{domain}", any(gate::check))
        .route(GATE_PATH, get(gate::pass))
        .route("/edge/traffic", post(edge_traffic::traffic))
        .route("/.well-known/acme-challenge/{token}", get(acme::challenge))
        .route("/metrics", get(metrics::metrics));
    let bounded = people.merge(machines).layer(middleware::from_fn_with_state(state.clone(), bounds::layer));
    // Whether we live is told even when there is too much to do, and the edge is told where to lead visitors.
    Router::new()
        .route("/edge/traefik", get(edge::traefik))
        .route("/edge/replicas/{id}", put(edge::report).delete(edge::leave))
        .route("/live", get(health::live))
        .route("/ready", get(health::ready))
        .merge(bounded)
        .layer(middleware::from_fn(headers::layer))
        .layer(middleware::from_fn_with_state(state.clone(), answer::layer))
        .with_state(state)
}
