//! `POST /api/v1/identities/{id}/disconnect`

use axum::http::StatusCode;

use super::Proof;
use crate::{
    control::sso,
    domain::id::ProviderId,
    http::{Problem, SignedInCaller, id::Id, json as body},
};

/// Disconnect an identity provider from my account, with the sessions and roles that I have by it.
#[utoipa::path(
    post,
    path = "/identities/{id}/disconnect",
    tag = "sso",
    operation_id = "disconnect_identities",
    params(("id" = String, Path)),
    request_body = Proof,
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(
    known: SignedInCaller,
    Id(id): Id<ProviderId>,
    body::Json(body): body::Json<Proof>,
) -> Result<StatusCode, Problem> {
    sso::disconnect(&known.cx, &known.caller, id, &body.password).await?;
    Ok(StatusCode::NO_CONTENT)
}
