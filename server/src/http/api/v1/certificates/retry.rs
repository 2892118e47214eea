//! `POST /api/v1/apps/{id}/certificates/{host}/retry`

use std::str::FromStr;

use axum::http::StatusCode;

use crate::{
    control::{Ctx, certificates},
    domain::{fault::Wrong, host_pattern::HostPattern, id::AppId},
    http::{Problem, id::Ids},
};

/// A host in a path.
pub struct Host(HostPattern);

impl FromStr for Host {
    type Err = Wrong;
    fn from_str(text: &str) -> Result<Self, Wrong> {
        HostPattern::any(text).map(Self)
    }
}

/// Try again now to get a certificate.
#[utoipa::path(
    post,
    path = "/apps/{id}/certificates/{host}/retry",
    tag = "certificates",
    operation_id = "retry_certificates",
    params(("id" = String, Path), ("host" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Ids(app, host): Ids<AppId, Host>) -> Result<StatusCode, Problem> {
    certificates::retry(&cx, app, &host.0).await?;
    Ok(StatusCode::NO_CONTENT)
}
