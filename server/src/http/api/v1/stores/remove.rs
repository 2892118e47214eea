//! `DELETE /api/v1/stores/{id}`

use axum::http::StatusCode;

use crate::{
    control::{Ctx, stores},
    domain::id::StoreId,
    http::{Problem, id::Id},
};

/// Remove a secret store that no variable refers to. What releases read from it stays with them.
#[utoipa::path(
    delete,
    path = "/stores/{id}",
    tag = "stores",
    operation_id = "remove_stores",
    params(("id" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Id(id): Id<StoreId>) -> Result<StatusCode, Problem> {
    stores::remove(&cx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
