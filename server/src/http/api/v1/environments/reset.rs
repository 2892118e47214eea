//! `POST /api/v1/environments/{id}/reset`

use axum::{Json, http::StatusCode};
use serde::{Deserialize, Serialize};

use crate::{
    control::{Ctx, environments},
    domain::id::EnvironmentId,
    http::{Problem, id::Id, json as body},
};

/// What goes with the apps.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ResetEnvironment)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Their volumes, and the data in them, too.
    #[serde(default)]
    volumes: bool,
}

/// What was begun.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ResetView {
    /// How many apps are being removed.
    apps: usize,
}

/// Remove all apps of an environment with what is their own.
///
/// The environment and its shared variables stay. A protected environment is not reset. It needs the
/// right `configure` there, too.
#[utoipa::path(
    post,
    path = "/environments/{id}/reset",
    tag = "environments",
    operation_id = "reset_environments",
    params(("id" = String, Path)),
    request_body = Body,
    responses((status = 202, description = "The apps are being removed.", body = ResetView)),
)]
pub async fn handler(
    cx: Ctx,
    Id(id): Id<EnvironmentId>,
    body::Json(body): body::Json<Body>,
) -> Result<(StatusCode, Json<ResetView>), Problem> {
    let apps = environments::reset(&cx, id, body.volumes).await?;
    Ok((StatusCode::ACCEPTED, Json(ResetView { apps })))
}
