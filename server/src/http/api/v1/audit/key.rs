//! `GET /api/v1/audit/key`

use axum::Json;
use serde::Serialize;

use crate::{
    control::{Ctx, audit},
    http::api::v1::Answer,
};

/// The key that signs the audit log.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AuditKeyView)]
pub struct KeyView {
    /// Ed25519.
    algorithm: &'static str,
    /// The public half, hexadecimal.
    key: String,
}

/// The public key by which the audit log is signed; keep it away from the server.
#[utoipa::path(
    get,
    path = "/audit/key",
    tag = "audit",
    operation_id = "key_audit",
    responses((status = 200, description = "Done.", body = KeyView)),
)]
pub async fn handler(cx: Ctx) -> Answer<KeyView> {
    Ok(Json(KeyView { algorithm: "ed25519", key: audit::key(&cx).await?.to_string() }))
}
