//! `POST /api/v1/tokens`

use axum::{Json, http::StatusCode};
use serde::{Deserialize, Serialize};

use super::TokenView;
use crate::{
    control::identity,
    http::{Problem, SignedInCaller, json as body},
};

/// A token to be made.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = CreateToken)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// For people: `laptop`.
    name: String,
    /// It ends after so many days; never if absent.
    #[serde(default)]
    days: Option<u32>,
}

/// A token with its value.
#[derive(Serialize, utoipa::ToSchema)]
pub struct NewToken {
    /// The token.
    #[serde(flatten)]
    token: TokenView,
    /// What a program sends as `Authorization: Bearer`. Told this once.
    value: String,
}

/// Make an API token.
///
/// Its value is in this answer and never again.
#[utoipa::path(
    post,
    path = "/tokens",
    tag = "tokens",
    operation_id = "create_tokens",
    request_body = Body,
    responses((status = 201, description = "Made.", body = NewToken)),
)]
pub async fn handler(
    known: SignedInCaller,
    body::Json(body): body::Json<Body>,
) -> Result<(StatusCode, Json<NewToken>), Problem> {
    let (token, value) = identity::create_token(&known.cx, &known.caller, &body.name, body.days).await?;
    let made = NewToken { token: TokenView::from(token), value: value.expose().to_owned() };
    Ok((StatusCode::CREATED, Json(made)))
}
