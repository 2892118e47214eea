//! `DELETE /api/v1/passkeys/{id}`

use axum::http::StatusCode;

use crate::{
    control::identity::passkeys,
    domain::id::PasskeyId,
    http::{Problem, SignedInCaller, id::Id},
};

/// Remove one of my passkeys. It signs in no longer.
#[utoipa::path(
    delete,
    path = "/passkeys/{id}",
    tag = "passkeys",
    operation_id = "remove_passkeys",
    params(("id" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(known: SignedInCaller, Id(id): Id<PasskeyId>) -> Result<StatusCode, Problem> {
    passkeys::remove(&known.cx, &known.caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
