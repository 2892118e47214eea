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
    /// 1 to 100; for a service of a Compose file 0, too.
    replicas: u64,
    /// The service to scale, by its name in the Compose file. Needed there alone.
    #[serde(default)]
    service: Option<String>,
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
    let app = lifecycle::scale(&cx, id, body.service.as_deref(), body.replicas).await?;
    Ok(Json(view(&cx, app).await?))
}
