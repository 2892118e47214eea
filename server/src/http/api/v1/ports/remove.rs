//! `DELETE /api/v1/apps/{id}/ports/{port}`

use axum::http::StatusCode;

use crate::{
    control::{Ctx, ports},
    domain::id::{AppId, PortId},
    http::{Problem, id::Ids},
};

/// Take a public port away from an app.
#[utoipa::path(
    delete,
    path = "/apps/{id}/ports/{port}",
    tag = "ports",
    operation_id = "remove_ports",
    params(("id" = String, Path), ("port" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Ids(app, id): Ids<AppId, PortId>) -> Result<StatusCode, Problem> {
    ports::remove(&cx, app, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
