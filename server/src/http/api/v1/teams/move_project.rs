//! `POST /api/v1/projects/{id}/move`

use axum::http::StatusCode;
use serde::Deserialize;

use crate::{
    control::{Ctx, teams},
    domain::id::{ProjectId, TeamId},
    http::{Problem, id::Id, json as body},
};

/// Where to.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = MoveProject)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Another of my teams.
    #[schema(value_type = String)]
    team: TeamId,
}

/// Move a project to another of my teams.
///
/// Roles in the project stay behind; its apps must not use credentials of the old team.
#[utoipa::path(
    post,
    path = "/projects/{id}/move",
    tag = "teams",
    operation_id = "move_projects",
    params(("id" = String, Path)),
    request_body = Body,
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(
    cx: Ctx,
    Id(id): Id<ProjectId>,
    body::Json(body): body::Json<Body>,
) -> Result<StatusCode, Problem> {
    teams::move_project(&cx, id, body.team).await?;
    Ok(StatusCode::NO_CONTENT)
}
