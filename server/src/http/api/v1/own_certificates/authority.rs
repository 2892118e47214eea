//! `GET /api/v1/internal-authority`

use axum::Json;
use serde::Serialize;

use crate::{
    control::{Ctx, certificates},
    http::api::v1::Answer,
};

/// The authority of the instance.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AuthorityView {
    /// Its certificate, PEM: trusted by whoever installs it, for names below `.internal` and `.local` alone.
    /// None until there is a private domain.
    certificate: Option<String>,
}

/// The certificate of the instance's own authority, which signs those of private names.
#[utoipa::path(
    get,
    path = "/internal-authority",
    tag = "certificates",
    operation_id = "show_internal_authority",
    responses((status = 200, description = "Done.", body = AuthorityView)),
)]
pub async fn handler(cx: Ctx) -> Answer<AuthorityView> {
    Ok(Json(AuthorityView { certificate: certificates::authority(&cx).await? }))
}
