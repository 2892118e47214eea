//! `DELETE /api/v1/sessions/{id}`

use axum::http::StatusCode;

use crate::{
    control::{Ctx, identity},
    domain::id::SessionId,
    http::{Problem, id::Id},
};

/// End one of my sessions.
#[utoipa::path(
    delete,
    path = "/sessions/{id}",
    tag = "session",
    operation_id = "end_session",
    params(("id" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Id(id): Id<SessionId>) -> Result<StatusCode, Problem> {
    identity::end_session(&cx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
