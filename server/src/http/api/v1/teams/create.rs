//! `POST /api/v1/teams`

use axum::{Json, http::StatusCode};
use serde::Deserialize;

use super::TeamView;
use crate::{
    control::{Ctx, teams},
    domain::name::{DisplayName, Email},
    http::{Problem, json as body},
};

/// A team to be made.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = CreateTeam)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// For people.
    name: DisplayName,
    /// The address of somebody who is known here, and becomes its owner; me if absent.
    #[serde(default)]
    owner: Option<Email>,
}

/// Make a team. For the owner of the instance.
#[utoipa::path(
    post,
    path = "/teams",
    tag = "teams",
    operation_id = "create_teams",
    request_body = Body,
    responses((status = 201, description = "Made.", body = TeamView)),
)]
pub async fn handler(
    cx: Ctx,
    body::Json(body): body::Json<Body>,
) -> Result<(StatusCode, Json<TeamView>), Problem> {
    let team = teams::create(&cx, body.name, body.owner).await?;
    Ok((StatusCode::CREATED, Json(TeamView::from(team))))
}
