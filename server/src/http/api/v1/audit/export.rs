//! `GET /api/v1/audit/export`

use axum::{
    body::Body,
    http::header,
    response::{IntoResponse as _, Response},
};
use tokio_util::io::ReaderStream;

use crate::{
    control::{Ctx, audit},
    http::Problem,
};

/// The whole audit log that you may read, as JSON lines.
///
/// Each line has a `type`: `key` in front, then for each chain its `entry`s, `checkpoint`s and its `head`.
/// `skep audit verify FILE` verifies it without a server.
#[utoipa::path(
    get,
    path = "/audit/export",
    tag = "audit",
    operation_id = "export_audit",
    responses((status = 200, description = "Done.", body = String, content_type = "application/x-ndjson")),
)]
pub async fn handler(cx: Ctx) -> Result<Response, Problem> {
    let file = tokio::fs::File::from_std(audit::export(&cx).await?);
    let heads = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"skep-audit.jsonl\""),
    ];
    Ok((heads, Body::from_stream(ReaderStream::with_capacity(file, 64 << 10))).into_response())
}
