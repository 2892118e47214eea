//! Everything that no other route takes: the dashboard's pages, forms and assets.
//!
//! The dashboard knows only its own `Api` trait; whoever puts the server together gives one that
//! is bound to the request's actor: [`State::with_dashboard`].

use std::sync::Arc;

use axum::{
    extract::{Extension, Request, State as Extract},
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use skep_web::{
    Visit,
    api::{Api, Time},
};

use super::{Problem, State, answer::RequestId, auth::SignedInCaller, client::Peer, headers::page_policy};
use crate::deploy::parts::Parts;

/// What the dashboard's API is bound to.
pub struct Visitor {
    /// The outside worlds.
    pub parts: Parts,
    /// Who is signed in, if anybody.
    pub known: Option<SignedInCaller>,
    /// Who is at the other end.
    pub peer: Peer,
    /// By this the log knows the request.
    pub request_id: String,
}

/// Makes the dashboard's API for one request.
pub type Dashboard = Arc<dyn Fn(Visitor) -> Arc<dyn Api> + Send + Sync>;

/// Answers with a page, a form's outcome, or an asset.
pub async fn page(
    Extract(state): Extract<State>,
    Extension(RequestId(request_id)): Extension<RequestId>,
    peer: Peer,
    known: Option<SignedInCaller>,
    request: Request,
) -> Response {
    let Some(dashboard) = &state.dashboard else { return Problem::not_found("page").into_response() };
    let asset = request.uri().path().starts_with("/pkg/");
    let api = dashboard(Visitor { parts: state.parts.clone(), known, peer, request_id });
    let clock = &state.parts.clock;
    let visit = Visit { nonce: clock.token(), now: Time(clock.now().timestamp_millis()) };
    let policy = page_policy(&visit.nonce);
    let mut response = skep_web::handle(request, api, visit).await;
    if !asset && let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    response
}
