//! `POST /api/v1/projects/{id}/variables/{key}/reveal`

use axum::Json;

use super::Revealed;
use crate::{
    control::{Ctx, variables},
    domain::{id::ProjectId, name::EnvKey, variable::Scope},
    http::{api::v1::Answer, id::Ids},
};

/// See the value of a variable of a project. Each look is in the audit log.
#[utoipa::path(
    post,
    path = "/projects/{id}/variables/{key}/reveal",
    tag = "variables",
    operation_id = "reveal_of_project_variables",
    params(("id" = String, Path), ("key" = String, Path)),
    responses((status = 200, description = "Done.", body = Revealed)),
)]
pub async fn handler(cx: Ctx, Ids(id, key): Ids<ProjectId, EnvKey>) -> Answer<Revealed> {
    let value = variables::reveal(&cx, Scope::Project(id), &key).await?;
    Ok(Json(Revealed { value: value.expose().to_owned() }))
}
