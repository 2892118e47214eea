//! `GET /api/v1/settings`

use axum::Json;

use super::SettingsView;
use crate::{
    control::{Ctx, settings},
    http::api::v1::Answer,
};

/// The settings of the whole instance.
#[utoipa::path(
    get,
    path = "/settings",
    tag = "settings",
    operation_id = "show_settings",
    responses((status = 200, description = "Done.", body = SettingsView)),
)]
pub async fn handler(cx: Ctx) -> Answer<SettingsView> {
    let settings = settings::get(&cx.parts).await?;
    Ok(Json(SettingsView::new(&cx, settings).await?))
}
