//! `POST /api/v1/projects`

use axum::{Json, http::StatusCode};
use serde::Deserialize;

use super::ProjectView;
use crate::{
    control::{Ctx, projects},
    domain::name::{DisplayName, Slug},
    http::{Problem, json as body},
};

/// A project to be made.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = CreateProject)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Unique within the team: `shop`.
    name: Slug,
    /// For people; the name if absent.
    #[serde(default)]
    title: Option<DisplayName>,
}

/// Make a project, with a first environment: `production`.
#[utoipa::path(
    post,
    path = "/projects",
    tag = "projects",
    operation_id = "create_projects",
    request_body = Body,
    responses((status = 201, description = "Made.", body = ProjectView)),
)]
pub async fn handler(
    cx: Ctx,
    body::Json(body): body::Json<Body>,
) -> Result<(StatusCode, Json<ProjectView>), Problem> {
    let (project, environment) = projects::create(&cx, body.name, body.title).await?;
    Ok((StatusCode::CREATED, Json(ProjectView::new(project, &[environment]))))
}
