//! `PUT /api/v1/apps/{id}/variables/{key}/delivery`

use axum::http::StatusCode;

use super::Delivery;
use crate::{
    control::{Ctx, variables},
    domain::{
        id::AppId,
        name::{EnvKey, SecretFileName},
        variable::SecretFile,
    },
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
    let file = match body {
        Delivery::Environment {} => None,
        Delivery::File { name, services, owner } => {
            let name = name.map_or_else(|| SecretFileName::of(&key), Ok);
            let name = name.map_err(|wrong| crate::control::Error::wrong("name", wrong))?;
            Some(SecretFile { name, services, owner })
        }
    };
    variables::deliver(&cx, id, &key, file).await?;
    Ok(StatusCode::NO_CONTENT)
}
