//! `POST /api/v1/apps/{id}/variables/{key}/reveal`

use axum::Json;

use super::Revealed;
use crate::{
    control::{Ctx, variables},
    domain::{id::AppId, name::EnvKey, variable::Scope},
    http::{api::v1::Answer, id::Ids},
};

/// See the value of a variable of an app. Each look is in the audit log.
#[utoipa::path(
    post,
    path = "/apps/{id}/variables/{key}/reveal",
    tag = "variables",
    operation_id = "reveal_of_app_variables",
    params(("id" = String, Path), ("key" = String, Path)),
    responses((status = 200, description = "Done.", body = Revealed)),
)]
pub async fn handler(cx: Ctx, Ids(id, key): Ids<AppId, EnvKey>) -> Answer<Revealed> {
    let value = variables::reveal(&cx, Scope::App(id), &key).await?;
    Ok(Json(Revealed { value: value.expose().to_owned() }))
}
