//! `PATCH /api/v1/apps/{id}`

use axum::Json;
use serde::Deserialize;

use super::{AppView, view};
use crate::{
    control::{
        Ctx,
        apps::{self, Change},
    },
    domain::{
        app::{Build, Settings, Source},
        id::AppId,
    },
    http::{api::v1::Answer, id::Id, json as body},
};

/// What is to be changed.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ConfigureApp)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The generation that was read.
    #[serde(default)]
    generation: Option<i64>,
    /// Where it comes from.
    #[serde(default)]
    source: Option<Source>,
    /// How it becomes an image.
    #[serde(default)]
    build: Option<Build>,
    /// How it runs, as a whole.
    #[serde(default)]
    settings: Option<Settings>,
    /// Pushes deploy by themselves.
    #[serde(default)]
    auto_deploy: Option<bool>,
}

/// Change an app.
///
/// What is absent stays. It counts from the next deployment on. With `generation` it is refused (409) if somebody else changed the app meanwhile.
#[utoipa::path(
    patch,
    path = "/apps/{id}",
    tag = "apps",
    operation_id = "configure_apps",
    params(("id" = String, Path)),
    request_body = Body,
    responses((status = 200, description = "Done.", body = AppView)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<AppId>, body::Json(body): body::Json<Body>) -> Answer<AppView> {
    let change = Change {
        source: body.source,
        build: body.build,
        settings: body.settings,
        auto_deploy: body.auto_deploy,
        generation: body.generation,
    };
    let app = apps::configure(&cx, id, change).await?;
    Ok(Json(view(&cx, app).await?))
}
