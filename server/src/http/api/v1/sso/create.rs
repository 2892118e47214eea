//! `POST /api/v1/sso`

use axum::{Json, http::StatusCode};
use serde::Deserialize;

use super::{MappingBody, ProviderView, mappings};
use crate::{
    control::{
        Ctx,
        sso::{self, New, Of},
    },
    domain::{
        name::DisplayName,
        secret::Secret,
        sso::{Claim, ClientName, Issuer, Kind},
    },
    http::{Problem, json as body},
};

/// A provider to be entered.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = CreateSso)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Whose: the team's if absent.
    #[serde(default)]
    of: Of,
    /// For people: what the button says.
    name: DisplayName,
    /// How it is spoken with.
    kind: Kind,
    /// The issuer as the provider writes it, or the address of GitHub.
    issuer: Issuer,
    /// The client id that it gave.
    client: ClientName,
    /// The client secret that it gave; never shown again.
    #[schema(value_type = String)]
    secret: Secret,
    /// The claim that lists groups; `groups` if absent.
    #[serde(default)]
    claim: Option<Claim>,
    /// Who is given what.
    #[serde(default)]
    mappings: Vec<MappingBody>,
}

/// Enter an identity provider.
///
/// People can sign in through it at once. One of the team counts for the team alone, and gives roles by
/// its groups, nobody more than who enters it has. One of the instance says who somebody is.
#[utoipa::path(
    post,
    path = "/sso",
    tag = "sso",
    operation_id = "create_sso",
    request_body = Body,
    responses((status = 201, description = "Entered.", body = ProviderView)),
)]
pub async fn handler(
    cx: Ctx,
    body::Json(body): body::Json<Body>,
) -> Result<(StatusCode, Json<ProviderView>), Problem> {
    let claim = match body.claim {
        Some(claim) => claim,
        None => Claim::parse("groups").map_err(|wrong| Problem::wrong("claim", wrong))?,
    };
    let new = New {
        of: body.of,
        name: body.name,
        kind: body.kind,
        issuer: body.issuer,
        client: body.client,
        secret: body.secret,
        claim,
        mappings: mappings(body.mappings),
    };
    Ok((StatusCode::CREATED, Json(ProviderView::from(sso::create(&cx, new).await?))))
}
