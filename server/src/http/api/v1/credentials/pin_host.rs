//! `POST /api/v1/host-keys`

use axum::http::StatusCode;
use serde::Deserialize;

use crate::{
    control::{Ctx, credentials},
    http::{Problem, json as body},
};

/// A host key.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = PinHost)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The host: `git.example.org`.
    host: String,
    /// A line as the host's owner publishes it and `ssh-keyscan` prints it: host, type, key.
    line: String,
}

/// Trust the key of an ssh host.
#[utoipa::path(
    post,
    path = "/host-keys",
    tag = "credentials",
    operation_id = "pin_host_credentials",
    request_body = Body,
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, body::Json(body): body::Json<Body>) -> Result<StatusCode, Problem> {
    credentials::pin_host(&cx, &body.host, &body.line).await?;
    Ok(StatusCode::NO_CONTENT)
}
