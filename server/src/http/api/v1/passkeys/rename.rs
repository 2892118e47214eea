//! `PATCH /api/v1/passkeys/{id}`

use axum::Json;
use serde::Deserialize;

use super::PasskeyView;
use crate::{
    control::identity::passkeys,
    domain::{id::PasskeyId, name::DisplayName},
    http::{SignedInCaller, api::v1::Answer, id::Id, json as body},
};

/// What it is called from now on.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = RenamePasskey)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// For me: `laptop`.
    #[schema(value_type = String)]
    name: DisplayName,
}

/// Rename one of my passkeys.
#[utoipa::path(
    patch,
    path = "/passkeys/{id}",
    tag = "passkeys",
    operation_id = "rename_passkeys",
    params(("id" = String, Path)),
    request_body = Body,
    responses((status = 200, description = "Done.", body = PasskeyView)),
)]
pub async fn handler(
    known: SignedInCaller,
    Id(id): Id<PasskeyId>,
    body::Json(body): body::Json<Body>,
) -> Answer<PasskeyView> {
    Ok(Json(passkeys::rename(&known.cx, &known.caller, id, body.name).await?.into()))
}
