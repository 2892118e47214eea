//! `PATCH /api/v1/settings`

use axum::Json;
use serde::Deserialize;

use super::SettingsView;
use crate::{
    control::{
        Ctx,
        settings::{self, Change},
    },
    http::{api::v1::Answer, json as body},
};

/// What is to be changed.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ChangeSettings)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The host of the dashboard itself.
    #[serde(default)]
    domain: Option<String>,
    /// The domain below which host names are generated.
    #[serde(default)]
    base_domain: Option<String>,
    /// Where the ACME authority may write to.
    #[serde(default)]
    acme_email: Option<String>,
    /// The ACME directory: an https URL.
    #[serde(default)]
    acme_directory: Option<String>,
}

/// Change settings of the whole instance.
///
/// What is absent stays; an empty text takes a value away.
#[utoipa::path(
    patch,
    path = "/settings",
    tag = "settings",
    operation_id = "change_settings",
    request_body = Body,
    responses((status = 200, description = "Done.", body = SettingsView)),
)]
pub async fn handler(cx: Ctx, body::Json(body): body::Json<Body>) -> Answer<SettingsView> {
    let change = Change {
        domain: body.domain,
        base_domain: body.base_domain,
        acme_email: body.acme_email,
        acme_directory: body.acme_directory,
    };
    let settings = settings::set(&cx, change).await?;
    Ok(Json(SettingsView::new(&cx, settings).await?))
}
