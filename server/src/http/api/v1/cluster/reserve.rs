//! `PUT /api/v1/nodes/{id}/environment`

use axum::http::StatusCode;
use serde::Deserialize;

use crate::{
    control::{Ctx, nodes},
    domain::id::EnvironmentId,
    http::{Problem, id::Id, json as body},
};

/// Whose the node will be.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ReserveNode)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The environment.
    #[schema(value_type = String)]
    environment: EnvironmentId,
}

/// Reserve a node for one environment.
///
/// Apps of other environments leave it, and those of this one run on its nodes alone, each from its
/// next deployment on. Apps that were deployed since the environment has a node of its own go at once.
#[utoipa::path(
    put,
    path = "/nodes/{id}/environment",
    tag = "cluster",
    operation_id = "reserve_nodes",
    params(("id" = String, Path)),
    request_body = Body,
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(
    cx: Ctx,
    Id(id): Id<String>,
    body::Json(body): body::Json<Body>,
) -> Result<StatusCode, Problem> {
    nodes::reserve(&cx, &id, body.environment).await?;
    Ok(StatusCode::NO_CONTENT)
}
