//! `GET /api/v1/setup`

use axum::{Json, extract::State as Extract};

use crate::{
    control::identity,
    http::{State, api::v1::Answer},
};

/// Whether the first admin is to be made.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub struct SetupView {
    /// There is no admin yet: whoever has the one-time token can make the first.
    pub needed: bool,
}

/// Whether there is no admin yet.
#[utoipa::path(
    get,
    path = "/setup",
    tag = "setup",
    operation_id = "show_setup",
    responses((status = 200, description = "Done.", body = SetupView)),
    security(()),
)]
pub async fn handler(Extract(state): Extract<State>) -> Answer<SetupView> {
    Ok(Json(SetupView { needed: identity::needs_setup(&state.parts).await? }))
}
