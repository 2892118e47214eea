//! `GET /api/v1/whoami`

use axum::Json;

use super::PersonView;
use crate::{
    control::{Ctx, identity},
    http::api::v1::Answer,
};

/// Who I am.
#[utoipa::path(
    get,
    path = "/whoami",
    tag = "session",
    operation_id = "whoami_session",
    responses((status = 200, description = "Done.", body = PersonView)),
)]
pub async fn handler(cx: Ctx) -> Answer<PersonView> {
    Ok(Json(PersonView::from(&identity::whoami(&cx).await?)))
}
