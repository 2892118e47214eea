//! `POST /api/v1/credentials`

use axum::{Json, http::StatusCode};
use serde::Deserialize;

use super::CredentialView;
use crate::{
    control::{
        Ctx,
        credentials::{self, NewCredential},
    },
    domain::{credential::Kind, name::DisplayName, right::Place, secret::Secret},
    http::{Problem, api::v1::members::PlaceBody, json as body},
};

/// A credential to be stored.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = CreateCredential)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// What it is for.
    #[schema(inline)]
    kind: Kind,
    /// For people.
    title: DisplayName,
    /// The only host (and port) it is sent to.
    host: String,
    /// The user name, if it has one.
    #[serde(default)]
    username: Option<String>,
    /// Whose it will be: only apps there use it. The team's if absent.
    #[serde(default)]
    place: Option<PlaceBody>,
    /// Token or password; for a key its private half as `ssh-keygen` writes it, or none to have one made.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    secret: Option<Secret>,
}

/// Store a credential, or make an ssh key, for the team, a project or one environment.
///
/// The public half of a key is in the answer, to enter at the git host.
#[utoipa::path(
    post,
    path = "/credentials",
    tag = "credentials",
    operation_id = "create_credentials",
    request_body = Body,
    responses((status = 201, description = "Made.", body = CredentialView)),
)]
pub async fn handler(
    cx: Ctx,
    body::Json(body): body::Json<Body>,
) -> Result<(StatusCode, Json<CredentialView>), Problem> {
    let new = NewCredential {
        place: body.place.map_or(Place::Team, Place::from),
        kind: body.kind,
        title: body.title,
        host: body.host,
        username: body.username,
        secret: body.secret,
    };
    let credential = credentials::create(&cx, new).await?;
    Ok((StatusCode::CREATED, Json(CredentialView::from(credential))))
}
