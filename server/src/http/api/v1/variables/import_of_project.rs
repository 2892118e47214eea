//! `POST /api/v1/projects/{id}/variable-imports`

use super::{ImportVariables, Imported};
use crate::{
    control::Ctx,
    domain::{id::ProjectId, variable::Scope},
    http::{api::v1::Answer, id::Id, json as body},
};

/// Import variables of a project from the text of a `.env` file.
///
/// With `dry_run` nothing is written; the `state` of its answer makes the import one of exactly what was
/// told, or of nothing.
#[utoipa::path(
    post,
    path = "/projects/{id}/variable-imports",
    tag = "variables",
    operation_id = "import_of_project_variables",
    params(("id" = String, Path)),
    request_body = ImportVariables,
    responses((status = 200, description = "Done, or what would be done.", body = Imported)),
)]
pub async fn handler(
    cx: Ctx,
    Id(id): Id<ProjectId>,
    body::Json(body): body::Json<ImportVariables>,
) -> Answer<Imported> {
    super::import(&cx, Scope::Project(id), body).await
}
