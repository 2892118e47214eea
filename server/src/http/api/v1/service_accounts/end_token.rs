//! `DELETE /api/v1/service-accounts/{id}/tokens/{token}`

use axum::http::StatusCode;

use crate::{
    control::{Ctx, service_accounts::tokens},
    domain::id::{TokenId, UserId},
    http::{Problem, id::Ids},
};

/// Take back an API token of a service account.
#[utoipa::path(
    delete,
    path = "/service-accounts/{id}/tokens/{token}",
    tag = "service-accounts",
    operation_id = "end_token_service_accounts",
    params(("id" = String, Path), ("token" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Ids(id, token): Ids<UserId, TokenId>) -> Result<StatusCode, Problem> {
    tokens::end(&cx, id, token).await?;
    Ok(StatusCode::NO_CONTENT)
}
