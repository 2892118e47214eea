//! `POST /api/v1/verified-domains`

use axum::{Json, http::StatusCode};
use serde::Deserialize;

use super::VerifiedDomainView;
use crate::{
    control::{Ctx, verified_domains},
    domain::domain_name::Hostname,
    http::{Problem, json as body},
};

/// A domain to be proved.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ClaimDomain)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The domain: `example.org`.
    domain: Hostname,
}

/// Begin the proof that a domain is the team's: the answer says which TXT record to put.
#[utoipa::path(
    post,
    path = "/verified-domains",
    tag = "domains",
    operation_id = "claim_verified_domains",
    request_body = Body,
    responses((status = 201, description = "Begun.", body = VerifiedDomainView)),
)]
pub async fn handler(
    cx: Ctx,
    body::Json(body): body::Json<Body>,
) -> Result<(StatusCode, Json<VerifiedDomainView>), Problem> {
    let made = verified_domains::claim(&cx, body.domain).await?;
    Ok((StatusCode::CREATED, Json(VerifiedDomainView::from(made))))
}
