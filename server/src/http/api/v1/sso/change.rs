//! `PATCH /api/v1/sso/{id}`

use axum::Json;
use serde::Deserialize;

use super::{MappingBody, ProviderView, mappings};
use crate::{
    control::{
        Ctx,
        sso::{self, Change},
    },
    domain::{
        id::ProviderId,
        name::DisplayName,
        secret::Secret,
        sso::{Claim, ClientName},
    },
    http::{api::v1::Answer, id::Id, json as body},
};

/// What is to be changed; what is absent stays.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ChangeSso)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// For people.
    #[serde(default)]
    name: Option<DisplayName>,
    /// The client id.
    #[serde(default)]
    client: Option<ClientName>,
    /// The client secret.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    secret: Option<Secret>,
    /// The claim that lists groups.
    #[serde(default)]
    claim: Option<Claim>,
    /// People can sign in through it.
    #[serde(default)]
    enabled: Option<bool>,
    /// In place of all that there are.
    #[serde(default)]
    mappings: Option<Vec<MappingBody>>,
}

/// Change an identity provider.
///
/// Where it is and of which kind cannot be changed: that is another provider. Turned off, the sessions that
/// it vouched for end, and what it gave counts no more. Mappings count from each one's next sign-in on.
#[utoipa::path(
    patch,
    path = "/sso/{id}",
    tag = "sso",
    operation_id = "change_sso",
    params(("id" = String, Path)),
    request_body = Body,
    responses((status = 200, description = "Done.", body = ProviderView)),
)]
pub async fn handler(
    cx: Ctx,
    Id(id): Id<ProviderId>,
    body::Json(body): body::Json<Body>,
) -> Answer<ProviderView> {
    let change = Change {
        name: body.name,
        client: body.client,
        secret: body.secret,
        claim: body.claim,
        enabled: body.enabled,
        mappings: body.mappings.map(mappings),
    };
    Ok(Json(ProviderView::from(sso::change(&cx, id, change).await?)))
}
