//! `POST /api/v1/apps/{id}/plan`

use axum::Json;
use serde::Deserialize;

use crate::{
    control::{Ctx, apps},
    deploy::preview::Preview,
    domain::id::AppId,
    http::{api::v1::Answer, id::Id, json as body},
};

/// What is to be planned.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = PlanApp)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Services of a Compose app, as they would be deployed alone; all if empty.
    #[serde(default)]
    services: Vec<String>,
}

/// What a deployment would do.
///
/// Nothing is written, fetched, built or pulled: what only a deployment finds out is said in `notes`.
#[utoipa::path(
    post,
    path = "/apps/{id}/plan",
    tag = "apps",
    operation_id = "plan_apps",
    params(("id" = String, Path)),
    request_body = Body,
    responses((status = 200, description = "The actions, in order; none if nothing differs.", body = Preview)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<AppId>, body::Json(body): body::Json<Body>) -> Answer<Preview> {
    Ok(Json(apps::plan(&cx, id, body.services).await?))
}
