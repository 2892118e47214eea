//! `POST /api/v1/service-accounts/{id}/tokens`

use axum::{Json, http::StatusCode};

use crate::{
    control::{Ctx, service_accounts::tokens},
    domain::id::UserId,
    http::{
        Problem,
        api::v1::tokens::{CreateToken, NewToken},
        id::Id,
        json as body,
    },
};

/// Make an API token of a service account.
///
/// Its value is in this answer and never again. The account must not be able to do more than I.
#[utoipa::path(
    post,
    path = "/service-accounts/{id}/tokens",
    tag = "service-accounts",
    operation_id = "create_token_service_accounts",
    params(("id" = String, Path)),
    request_body = CreateToken,
    responses((status = 201, description = "Made.", body = NewToken)),
)]
pub async fn handler(
    cx: Ctx,
    Id(id): Id<UserId>,
    body::Json(body): body::Json<CreateToken>,
) -> Result<(StatusCode, Json<NewToken>), Problem> {
    let made = tokens::create(&cx, id, body.wanted()).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}
