//! `PUT /api/v1/environments/{id}/directory`

use axum::Json;
use serde::{Deserialize, Serialize};

use crate::{
    control::{Ctx, directories},
    domain::id::EnvironmentId,
    http::{api::v1::Answer, id::Id, json as body},
};

/// Where certificates of an environment's hosts come from.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = EnvironmentDirectory)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Name or address of a directory of the instance's list; absent: as the instance's.
    #[serde(default)]
    directory: Option<String>,
}

/// Choose the directory of an environment's certificates. What is there stays until it is renewed.
#[utoipa::path(
    put,
    path = "/environments/{id}/directory",
    tag = "directories",
    operation_id = "choose_directories",
    params(("id" = String, Path)),
    request_body = Body,
    responses((status = 200, description = "Done.", body = Body)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<EnvironmentId>, body::Json(body): body::Json<Body>) -> Answer<Body> {
    let directory = directories::choose(&cx, id, body.directory.as_deref()).await?;
    Ok(Json(Body { directory }))
}
