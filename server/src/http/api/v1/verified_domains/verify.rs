//! `POST /api/v1/verified-domains/{id}/verify`

use axum::Json;

use super::VerifiedDomainView;
use crate::{
    control::{Ctx, verified_domains},
    domain::id::VerifiedDomainId,
    http::{api::v1::Answer, id::Id},
};

/// Look for the record now; each server of the domain's zone must give it.
#[utoipa::path(
    post,
    path = "/verified-domains/{id}/verify",
    tag = "domains",
    operation_id = "verify_verified_domains",
    params(("id" = String, Path)),
    responses((status = 200, description = "It is proved.", body = VerifiedDomainView)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<VerifiedDomainId>) -> Answer<VerifiedDomainView> {
    Ok(Json(VerifiedDomainView::from(verified_domains::verify(&cx, id).await?)))
}
