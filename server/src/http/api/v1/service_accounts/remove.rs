//! `DELETE /api/v1/service-accounts/{id}`

use axum::http::StatusCode;

use crate::{
    control::{Ctx, service_accounts},
    domain::id::UserId,
    http::{Problem, id::Id},
};

/// Remove a service account. Its tokens end at once.
#[utoipa::path(
    delete,
    path = "/service-accounts/{id}",
    tag = "service-accounts",
    operation_id = "remove_service_accounts",
    params(("id" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Id(id): Id<UserId>) -> Result<StatusCode, Problem> {
    service_accounts::remove(&cx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
