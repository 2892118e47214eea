//! `POST /api/v1/roles`

use axum::{Json, http::StatusCode};
use serde::Deserialize;

use super::{RoleView, rights};
use crate::{
    control::{Ctx, roles},
    domain::{name::DisplayName, right::Right},
    http::{Problem, json as body},
};

/// A role to be made.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = CreateRole)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Unique within the team.
    name: DisplayName,
    /// What it gives; `view` must be among it.
    rights: Vec<Right>,
}

/// Make a role of named rights. Nobody makes one with rights that they do not have.
#[utoipa::path(
    post,
    path = "/roles",
    tag = "roles",
    operation_id = "create_roles",
    request_body = Body,
    responses((status = 201, description = "Made.", body = RoleView)),
)]
pub async fn handler(
    cx: Ctx,
    body::Json(body): body::Json<Body>,
) -> Result<(StatusCode, Json<RoleView>), Problem> {
    let role = roles::create(&cx, body.name, rights(body.rights)).await?;
    Ok((StatusCode::CREATED, Json(RoleView::from(role))))
}
