//! `POST /api/v1/apps/{id}/restart`

use axum::Json;
use serde::Deserialize;

use super::{AppView, view};
use crate::{
    control::{Ctx, lifecycle},
    domain::id::AppId,
    http::{api::v1::Answer, id::Id, query::Query},
};

/// Which tasks.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Those of one service of a Compose file only, by its name there.
    service: Option<String>,
}

/// Replace all tasks by new ones of the same release.
#[utoipa::path(
    post,
    path = "/apps/{id}/restart",
    tag = "apps",
    operation_id = "restart_apps",
    params(("id" = String, Path), Which),
    responses((status = 200, description = "Done.", body = AppView)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<AppId>, Query(which): Query<Which>) -> Answer<AppView> {
    let app = lifecycle::restart(&cx, id, which.service.as_deref()).await?;
    Ok(Json(view(&cx, app).await?))
}
