//! `GET /api/v1/team`

use axum::Json;
use serde::Serialize;

use super::TeamView;
use crate::{
    control::{Ctx, teams},
    domain::right::Right,
    http::api::v1::Answer,
};

/// The team that I look at, and what I may do there.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CurrentTeam {
    /// The team; none if I am in none.
    team: Option<TeamView>,
    /// What I may do everywhere in it.
    rights: Vec<Right>,
    /// What I may do somewhere in it.
    somewhere: Vec<Right>,
    /// I own this instance.
    instance_owner: bool,
}

/// The team that I look at, and what I may do there.
#[utoipa::path(
    get,
    path = "/team",
    tag = "teams",
    operation_id = "show_team",
    responses((status = 200, description = "Done.", body = CurrentTeam)),
)]
pub async fn handler(cx: Ctx) -> Answer<CurrentTeam> {
    Ok(Json(CurrentTeam {
        team: teams::current(&cx).await?.map(TeamView::from),
        rights: cx.access.team().iter().collect(),
        somewhere: cx.access.anywhere().iter().collect(),
        instance_owner: cx.access.instance(),
    }))
}
