//! `PATCH /api/v1/roles/{id}`

use axum::Json;
use serde::Deserialize;

use super::{RoleView, rights};
use crate::{
    control::{Ctx, roles},
    domain::{id::RoleId, name::DisplayName, right::Right},
    http::{api::v1::Answer, id::Id, json as body},
};

/// What is to be changed.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ChangeRole)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Unique within the team.
    #[serde(default)]
    name: Option<DisplayName>,
    /// What it gives, in place of what it gave.
    #[serde(default)]
    rights: Option<Vec<Right>>,
}

/// Change a role that the team made: all who have it may do at once what it says then.
#[utoipa::path(
    patch,
    path = "/roles/{id}",
    tag = "roles",
    operation_id = "change_roles",
    params(("id" = String, Path)),
    request_body = Body,
    responses((status = 200, description = "Done.", body = RoleView)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<RoleId>, body::Json(body): body::Json<Body>) -> Answer<RoleView> {
    Ok(Json(RoleView::from(roles::change(&cx, id, body.name, body.rights.map(rights)).await?)))
}
