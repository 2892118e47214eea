//! `POST /api/v1/apps/{id}/scale`

use axum::Json;
use serde::Deserialize;

use super::{AppView, view};
use crate::{
    control::{Ctx, lifecycle},
    domain::id::AppId,
    http::{api::v1::Answer, id::Id, json as body},
};

/// How many.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = Scale)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// 1 to 100.
    replicas: u64,
}

/// Set the replicas, now and for later.
#[utoipa::path(
    post,
    path = "/apps/{id}/scale",
    tag = "apps",
    operation_id = "scale_apps",
    params(("id" = String, Path)),
    request_body = Body,
    responses((status = 200, description = "Done.", body = AppView)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<AppId>, body::Json(body): body::Json<Body>) -> Answer<AppView> {
    let app = lifecycle::scale(&cx, id, body.replicas).await?;
    Ok(Json(view(&cx, app).await?))
}
