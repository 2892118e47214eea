//! `POST /api/v1/session/team`

use axum::http::StatusCode;
use serde::Deserialize;

use crate::{
    control::teams,
    domain::id::TeamId,
    http::{Problem, SignedInCaller, json as body},
};

/// Which team.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = LookAtTeam)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Its id.
    #[schema(value_type = String)]
    team: TeamId,
}

/// Look at another of my teams with this session. A token stays with its own team.
#[utoipa::path(
    post,
    path = "/session/team",
    tag = "teams",
    operation_id = "look_at_team",
    request_body = Body,
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(
    known: SignedInCaller,
    body::Json(body): body::Json<Body>,
) -> Result<StatusCode, Problem> {
    teams::look_at(&known.cx, &known.caller, body.team).await?;
    Ok(StatusCode::NO_CONTENT)
}
