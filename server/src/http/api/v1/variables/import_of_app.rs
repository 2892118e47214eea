//! `POST /api/v1/apps/{id}/variable-imports`

use super::{ImportVariables, Imported};
use crate::{
    control::Ctx,
    domain::{id::AppId, variable::Scope},
    http::{api::v1::Answer, id::Id, json as body},
};

/// Import variables of an app from the text of a `.env` file.
///
/// With `dry_run` nothing is written; the `state` of its answer makes the import one of exactly what was
/// told, or of nothing.
#[utoipa::path(
    post,
    path = "/apps/{id}/variable-imports",
    tag = "variables",
    operation_id = "import_of_app_variables",
    params(("id" = String, Path)),
    request_body = ImportVariables,
    responses((status = 200, description = "Done, or what would be done.", body = Imported)),
)]
pub async fn handler(
    cx: Ctx,
    Id(id): Id<AppId>,
    body::Json(body): body::Json<ImportVariables>,
) -> Answer<Imported> {
    super::import(&cx, Scope::App(id), body).await
}
