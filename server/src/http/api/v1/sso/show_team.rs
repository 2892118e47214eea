//! `GET /api/v1/team/sso`

use axum::Json;
use serde::Serialize;

use crate::{
    control::{Ctx, Error, sso},
    http::{Problem, api::v1::Answer},
};

/// How people come into the team.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = TeamSso)]
pub struct View {
    /// Only through a provider of the team, but for its owners.
    only: bool,
    /// Where they sign in, below the address of the instance.
    login: String,
    /// What is to be registered with a provider; none while the instance has no address.
    redirect: Option<String>,
}

impl View {
    /// As it is now.
    ///
    /// # Errors
    /// The database.
    pub async fn of(cx: &Ctx) -> Result<Self, Problem> {
        let redirect = match sso::redirect(&cx.parts).await {
            Ok(url) => Some(url.into()),
            Err(Error::Conflict { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        Ok(Self { only: sso::only(cx).await?, login: format!("/login/{}", cx.team()), redirect })
    }
}

/// How people come into the team.
#[utoipa::path(
    get,
    path = "/team/sso",
    tag = "sso",
    operation_id = "show_team_sso",
    responses((status = 200, description = "Done.", body = View)),
)]
pub async fn handler(cx: Ctx) -> Answer<View> {
    Ok(Json(View::of(&cx).await?))
}
