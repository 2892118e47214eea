//! `POST /api/v1/password`

use axum::http::StatusCode;
use serde::Deserialize;

use crate::{
    control::identity,
    domain::secret::Secret,
    http::{Problem, SignedInCaller, json as body},
};

/// The old password and the new one.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ChangePassword)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The password that counts now.
    #[schema(value_type = String)]
    current: Secret,
    /// The new one: 12 to 256 characters.
    #[schema(value_type = String)]
    password: Secret,
}

/// Change my password.
///
/// All my other sessions end.
#[utoipa::path(
    post,
    path = "/password",
    tag = "session",
    operation_id = "change_password_session",
    request_body = Body,
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(
    known: SignedInCaller,
    body::Json(body): body::Json<Body>,
) -> Result<StatusCode, Problem> {
    identity::change_password(&known.cx, &known.caller, &body.current, &body.password).await?;
    Ok(StatusCode::NO_CONTENT)
}
