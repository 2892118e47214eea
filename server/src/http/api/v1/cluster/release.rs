//! `DELETE /api/v1/nodes/{id}/environment`

use axum::http::StatusCode;

use crate::{
    control::{Ctx, nodes},
    http::{Problem, id::Id},
};

/// Share a node with all environments that have none of their own.
///
/// Refused for the last node of an environment whose apps run: they ask for one of its nodes.
#[utoipa::path(
    delete,
    path = "/nodes/{id}/environment",
    tag = "cluster",
    operation_id = "release_nodes",
    params(("id" = String, Path)),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Id(id): Id<String>) -> Result<StatusCode, Problem> {
    nodes::release(&cx, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
