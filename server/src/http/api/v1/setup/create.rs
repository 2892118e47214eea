//! `POST /api/v1/setup`

use axum::{extract::State as Extract, http::StatusCode, response::Response};
use serde::Deserialize;

use crate::{
    control::identity,
    domain::secret::Secret,
    http::{
        Peer, Problem, State,
        api::v1::session::{PersonView, signed_in_answer},
        json as body,
    },
};

/// The first admin.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = Setup)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The one-time token.
    #[schema(value_type = String)]
    token: Secret,
    /// Their address; they sign in with it.
    email: String,
    /// 12 to 256 characters.
    #[schema(value_type = String)]
    password: Secret,
}

/// Make the first admin.
///
/// Needs the one-time token that the first start of the server told; signs them in, too.
#[utoipa::path(
    post,
    path = "/setup",
    tag = "setup",
    operation_id = "create_setup",
    request_body = Body,
    responses((status = 201, description = "Made.", body = PersonView)),
    security(()),
)]
pub async fn handler(
    Extract(state): Extract<State>,
    peer: Peer,
    body::Json(body): body::Json<Body>,
) -> Result<Response, Problem> {
    let signed_in =
        identity::setup(&state.parts, &body.token, &body.email, &body.password, peer.address, &peer.agent)
            .await?;
    Ok(signed_in_answer(StatusCode::CREATED, &signed_in, peer.https))
}
