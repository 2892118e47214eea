//! `PUT /api/v1/team/sso`

use axum::Json;
use serde::Deserialize;

use super::show_team::View;
use crate::{
    control::{Ctx, sso},
    http::{api::v1::Answer, json as body},
};

/// How people are to come into the team.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = SetTeamSso)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Only through a provider of the team, but for its owners.
    only: bool,
}

/// Say whether people come into the team only through a provider of its own.
///
/// Whoever turns it on is signed in through one. Owners come in by password, too; tokens stay, and new ones
/// are made by who came in through the provider.
#[utoipa::path(
    put,
    path = "/team/sso",
    tag = "sso",
    operation_id = "set_team_sso",
    request_body = Body,
    responses((status = 200, description = "Done.", body = View)),
)]
pub async fn handler(cx: Ctx, body::Json(body): body::Json<Body>) -> Answer<View> {
    sso::set_only(&cx, body.only).await?;
    Ok(Json(View::of(&cx).await?))
}
