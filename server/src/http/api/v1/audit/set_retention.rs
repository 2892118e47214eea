//! `PUT /api/v1/audit/retention`

use axum::Json;
use serde::Deserialize;

use super::show_retention::RetentionView;
use crate::{
    control::{Ctx, audit},
    http::{api::v1::Answer, json as body},
};

/// How long.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = SetAuditRetention)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Days; 0 keeps all.
    days: i64,
}

/// Set for how many days entries are kept, for the whole instance.
///
/// What is older is taken away once a day; a signed mark says up to which entry.
#[utoipa::path(
    put,
    path = "/audit/retention",
    tag = "audit",
    operation_id = "set_retention_audit",
    request_body = Body,
    responses((status = 200, description = "Done.", body = RetentionView)),
)]
pub async fn handler(cx: Ctx, body::Json(body): body::Json<Body>) -> Answer<RetentionView> {
    audit::set_retention(&cx, body.days).await?;
    Ok(Json(RetentionView { days: body.days }))
}
