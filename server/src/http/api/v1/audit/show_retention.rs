//! `GET /api/v1/audit/retention`

use axum::Json;
use serde::Serialize;

use crate::{
    control::{Ctx, audit},
    http::api::v1::Answer,
};

/// How long the audit log is kept.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AuditRetentionView)]
pub struct RetentionView {
    /// Days; 0 keeps all.
    pub(super) days: i64,
}

/// For how many days entries are kept.
#[utoipa::path(
    get,
    path = "/audit/retention",
    tag = "audit",
    operation_id = "show_retention_audit",
    responses((status = 200, description = "Done.", body = RetentionView)),
)]
pub async fn handler(cx: Ctx) -> Answer<RetentionView> {
    Ok(Json(RetentionView { days: audit::retention(&cx).await? }))
}
