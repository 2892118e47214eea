//! `POST /api/v1/host-keys`

use axum::http::StatusCode;
use serde::Deserialize;

use crate::{
    control::{Ctx, host_keys},
    domain::right::Place,
    http::{Problem, api::v1::members::PlaceBody, json as body},
};

/// A host key.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = PinHostKey)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The host: `git.example.org`. Its keys are the same at each port.
    host: String,
    /// A line as the host's owner publishes it and `ssh-keyscan` prints it: host, type, key. The
    /// host in it may be missing and does not count.
    line: String,
    /// Where it is trusted: there and below. In the team if absent.
    #[serde(default)]
    place: Option<PlaceBody>,
}

/// Trust the key of an ssh host.
///
/// Of an app's environment, project and team the nearest that trusts any key of a host decides alone.
#[utoipa::path(
    post,
    path = "/host-keys",
    tag = "credentials",
    operation_id = "pin_host_keys",
    request_body = Body,
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, body::Json(body): body::Json<Body>) -> Result<StatusCode, Problem> {
    host_keys::pin(&cx, body.place.map_or(Place::Team, Place::from), &body.host, &body.line).await?;
    Ok(StatusCode::NO_CONTENT)
}
