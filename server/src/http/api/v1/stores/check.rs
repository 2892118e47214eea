//! `POST /api/v1/stores/{id}/check`

use axum::Json;
use serde::Serialize;

use crate::{
    control::{Ctx, stores},
    domain::id::StoreId,
    http::{api::v1::Answer, id::Id},
};

/// How a store answers.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct StoreCheck {
    /// It answers and takes the credentials.
    ok: bool,
    /// What is wrong, for programs: `store_denied`, `store_unreachable`, `store_unusable`,
    /// `address_not_allowed`.
    code: Option<String>,
    /// What is wrong, for people, with the store's own words.
    message: Option<String>,
}

/// Ask a secret store now whether it takes the credentials. No value is read.
#[utoipa::path(
    post,
    path = "/stores/{id}/check",
    tag = "stores",
    operation_id = "check_stores",
    params(("id" = String, Path)),
    responses((status = 200, description = "It was asked; `ok` says how that went.", body = StoreCheck)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<StoreId>) -> Answer<StoreCheck> {
    let (code, message) = match stores::check(&cx, id).await? {
        Ok(()) => (None, None),
        Err(wrong) => (Some(wrong.code.to_owned()), Some(wrong.message)),
    };
    Ok(Json(StoreCheck { ok: code.is_none(), code, message }))
}
