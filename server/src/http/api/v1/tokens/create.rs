//! `POST /api/v1/tokens`

use axum::{Json, http::StatusCode};
use serde::{Deserialize, Serialize};

use super::TokenView;
use crate::{
    control::identity,
    domain::{
        identity::Token,
        right::{Place, Right},
        secret::Secret,
    },
    http::{Problem, SignedInCaller, api::v1::members::PlaceBody, json as body},
};

/// A token to be made.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = CreateToken)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// For people: `laptop`.
    name: String,
    /// It ends after so many days; never if absent.
    #[serde(default)]
    days: Option<u32>,
    /// What it may do, within what I may do; all of that if absent.
    #[serde(default)]
    rights: Option<Vec<Right>>,
    /// Where; everywhere in the team if absent.
    #[serde(default)]
    places: Option<Vec<PlaceBody>>,
}

impl Body {
    /// As the command takes it.
    pub fn wanted(&self) -> identity::NewToken<'_> {
        identity::NewToken {
            name: &self.name,
            days: self.days,
            rights: self.rights.as_ref().map(|rights| rights.iter().copied().collect()),
            places: self.places.as_ref().map(|places| places.iter().copied().map(Place::from).collect()),
        }
    }
}

/// A token with its value.
#[derive(Serialize, utoipa::ToSchema)]
pub struct NewToken {
    /// The token.
    #[serde(flatten)]
    token: TokenView,
    /// What a program sends as `Authorization: Bearer`. Told this once.
    value: String,
}

impl From<(Token, Secret)> for NewToken {
    fn from((token, value): (Token, Secret)) -> Self {
        Self { token: TokenView::from(token), value: value.expose().to_owned() }
    }
}

/// Make an API token for the team that I look at.
///
/// Its value is in this answer and never again.
#[utoipa::path(
    post,
    path = "/tokens",
    tag = "tokens",
    operation_id = "create_tokens",
    request_body = Body,
    responses((status = 201, description = "Made.", body = NewToken)),
)]
pub async fn handler(
    known: SignedInCaller,
    body::Json(body): body::Json<Body>,
) -> Result<(StatusCode, Json<NewToken>), Problem> {
    let made = identity::create_token(&known.cx, &known.caller, body.wanted()).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}
