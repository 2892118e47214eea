//! `DELETE /api/v1/tokens/{id}`

use axum::http::StatusCode;

use crate::{
    control::{Ctx, identity},
    domain::id::TokenId,
    http::{Problem, id::Id},
};

/// End one of my API tokens.
#[utoipa::path(
    delete,
    path = "/tokens/{id}",
    tag = "tokens",
    operation_id = "end_tokens",
    params(("id" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Id(id): Id<TokenId>) -> Result<StatusCode, Problem> {
    identity::end_token(&cx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
