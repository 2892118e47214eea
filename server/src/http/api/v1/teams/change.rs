//! `PATCH /api/v1/team`

use axum::Json;
use serde::Deserialize;

use super::TeamView;
use crate::{
    control::{Ctx, teams},
    domain::name::DisplayName,
    http::{api::v1::Answer, json as body},
};

/// What is to be changed.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ChangeTeam)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// For people.
    name: DisplayName,
}

/// Rename the team that I look at.
#[utoipa::path(
    patch,
    path = "/team",
    tag = "teams",
    operation_id = "change_team",
    request_body = Body,
    responses((status = 200, description = "Done.", body = TeamView)),
)]
pub async fn handler(cx: Ctx, body::Json(body): body::Json<Body>) -> Answer<TeamView> {
    Ok(Json(TeamView::from(teams::rename(&cx, body.name).await?)))
}
