//! `POST /api/v1/projects/{id}/environments`

use axum::{Json, http::StatusCode};
use serde::Deserialize;

use super::EnvironmentView;
use crate::{
    control::{Ctx, environments},
    domain::{id::ProjectId, name::Slug},
    http::{Problem, id::Id, json as body},
};

/// An environment to be made.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = CreateEnvironment)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Unique within the project: `staging`.
    name: Slug,
}

/// Make an environment of a project.
#[utoipa::path(
    post,
    path = "/projects/{id}/environments",
    tag = "environments",
    operation_id = "create_environments",
    params(("id" = String, Path)),
    request_body = Body,
    responses((status = 201, description = "Made.", body = EnvironmentView)),
)]
pub async fn handler(
    cx: Ctx,
    Id(project): Id<ProjectId>,
    body::Json(body): body::Json<Body>,
) -> Result<(StatusCode, Json<EnvironmentView>), Problem> {
    let environment = environments::create(&cx, project, body.name).await?;
    Ok((StatusCode::CREATED, Json(EnvironmentView::from(environment))))
}
