//! `DELETE /api/v1/host-keys/{host}`

use axum::http::StatusCode;

use crate::{
    control::{Ctx, host_keys},
    http::{Problem, id::Id},
};

/// Trust no key of an ssh host any more.
#[utoipa::path(
    delete,
    path = "/host-keys/{host}",
    tag = "credentials",
    operation_id = "forget_host_keys",
    params(("host" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Id(host): Id<String>) -> Result<StatusCode, Problem> {
    host_keys::forget(&cx, &host).await?;
    Ok(StatusCode::NO_CONTENT)
}
