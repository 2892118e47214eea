//! `PUT /api/v1/apps/{id}/variables/{key}/delivery`

use axum::http::StatusCode;

use super::Delivery;
use crate::{
    control::{Ctx, variables},
    domain::{id::AppId, name::EnvKey},
    http::{Problem, id::Ids, json as body},
};

/// Say how containers get a variable of an app: in the environment, or as a file in `/run/secrets`.
///
/// A file is a Swarm secret, readable by its owner alone; `KEY_FILE` names it in the environment. It
/// counts from the next deployment on.
#[utoipa::path(
    put,
    path = "/apps/{id}/variables/{key}/delivery",
    tag = "variables",
    operation_id = "deliver_of_app_variables",
    params(("id" = String, Path), ("key" = String, Path)),
    request_body = Delivery,
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(
    cx: Ctx,
    Ids(id, key): Ids<AppId, EnvKey>,
    body::Json(body): body::Json<Delivery>,
) -> Result<StatusCode, Problem> {
    variables::deliver(&cx, id, &key, body.file(&key)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
