//! `POST /api/v1/identities/{id}/connect`

use axum::{
    Json,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use serde::Serialize;

use super::Proof;
use crate::{
    control::sso,
    domain::id::ProviderId,
    http::{Cookie, Peer, Problem, SignedInCaller, id::Id, json as body},
};

/// Where the browser goes on.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ConnectIdentity)]
pub struct View {
    /// The provider's address, for this browser alone.
    url: String,
}

/// Connect an identity provider to my account.
///
/// For browsers: the answer sets a cookie and tells where to go on; coming back from there within ten
/// minutes connects it.
#[utoipa::path(
    post,
    path = "/identities/{id}/connect",
    tag = "sso",
    operation_id = "connect_identities",
    params(("id" = String, Path)),
    request_body = Proof,
    responses((status = 200, description = "Go on there.", body = View)),
)]
pub async fn handler(
    peer: Peer,
    known: SignedInCaller,
    Id(id): Id<ProviderId>,
    body::Json(body): body::Json<Proof>,
) -> Result<Response, Problem> {
    let begun = sso::connect(&known.cx, &known.caller, id, &body.password).await?;
    let mut response = Json(View { url: begun.to.into() }).into_response();
    if let Ok(mut value) = HeaderValue::from_str(&Cookie::SignOn.set(&begun.cookie, peer.https)) {
        value.set_sensitive(true);
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}
