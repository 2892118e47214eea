//! `DELETE /api/v1/sso/{id}`

use axum::http::StatusCode;

use crate::{
    control::{Ctx, sso},
    domain::id::ProviderId,
    http::{Problem, id::Id},
};

/// Remove an identity provider, with the sessions that it vouched for and the roles that it gave.
#[utoipa::path(
    delete,
    path = "/sso/{id}",
    tag = "sso",
    operation_id = "remove_sso",
    params(("id" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Id(id): Id<ProviderId>) -> Result<StatusCode, Problem> {
    sso::remove(&cx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
