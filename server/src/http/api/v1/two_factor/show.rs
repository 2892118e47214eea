//! `GET /api/v1/two-factor`

use axum::Json;
use serde::Serialize;

use crate::{
    control::{Ctx, identity::two_factor},
    domain::clock::Time,
    http::api::v1::Answer,
};

/// How my two-factor sign-in stands.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TwoFactorView {
    /// A code is asked for.
    on: bool,
    /// Since when.
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Time>,
    /// It was begun, and waits for a first code.
    begun: bool,
    /// Recovery codes that were not used.
    recovery_codes_left: i64,
}

/// How my two-factor sign-in stands.
#[utoipa::path(
    get,
    path = "/two-factor",
    tag = "two-factor",
    operation_id = "show_two_factor",
    responses((status = 200, description = "Done.", body = TwoFactorView)),
)]
pub async fn handler(cx: Ctx) -> Answer<TwoFactorView> {
    let standing = two_factor::show(&cx).await?;
    Ok(Json(TwoFactorView {
        on: standing.since.is_some(),
        since: standing.since,
        begun: standing.begun,
        recovery_codes_left: standing.codes_left,
    }))
}
