//! `DELETE /api/v1/apps/{id}`

use axum::http::StatusCode;
use serde::Deserialize;

use crate::{
    control::{Ctx, lifecycle},
    domain::id::AppId,
    http::{Problem, id::Id, query::Query},
};

/// What goes with it.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct How {
    /// Its volumes, and the data in them, too.
    #[serde(default)]
    volumes: bool,
}

/// Remove an app with everything that is its own; its volumes only if asked.
#[utoipa::path(
    delete,
    path = "/apps/{id}",
    tag = "apps",
    operation_id = "delete_apps",
    params(("id" = String, Path), How),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Id(id): Id<AppId>, Query(how): Query<How>) -> Result<StatusCode, Problem> {
    lifecycle::delete(&cx, id, how.volumes).await?;
    Ok(StatusCode::NO_CONTENT)
}
