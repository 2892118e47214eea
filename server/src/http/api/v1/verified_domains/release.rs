//! `DELETE /api/v1/verified-domains/{id}`

use axum::http::StatusCode;

use crate::{
    control::{Ctx, verified_domains},
    domain::id::VerifiedDomainId,
    http::{Problem, id::Id},
};

/// Forget a domain and its proof. Hosts that apps have there stay theirs.
#[utoipa::path(
    delete,
    path = "/verified-domains/{id}",
    tag = "domains",
    operation_id = "remove_verified_domains",
    params(("id" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Id(id): Id<VerifiedDomainId>) -> Result<StatusCode, Problem> {
    verified_domains::release(&cx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
