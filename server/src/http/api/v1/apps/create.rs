//! `POST /api/v1/apps`

use axum::{Json, http::StatusCode};
use serde::Deserialize;

use super::{AppView, view};
use crate::{
    control::{
        Ctx,
        apps::{self, NewApp},
    },
    domain::{
        app::{Build, Settings, Source},
        id::EnvironmentId,
        name::Slug,
    },
    http::{Problem, json as body},
};

/// An app to be made.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = CreateApp)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Where it lives.
    #[schema(value_type = String)]
    environment: EnvironmentId,
    /// Unique within the environment: `web`.
    name: Slug,
    /// Where it comes from.
    source: Source,
    /// How it becomes an image.
    #[serde(default)]
    build: Build,
    /// How it runs.
    #[serde(default)]
    settings: Settings,
    /// Pushes deploy by themselves: true if absent.
    #[serde(default = "yes")]
    auto_deploy: bool,
}

/// Make an app.
///
/// Nothing runs until it is deployed. With a base domain it gets a first host name.
#[utoipa::path(
    post,
    path = "/apps",
    tag = "apps",
    operation_id = "create_apps",
    request_body = Body,
    responses((status = 201, description = "Made.", body = AppView)),
)]
pub async fn handler(
    cx: Ctx,
    body::Json(body): body::Json<Body>,
) -> Result<(StatusCode, Json<AppView>), Problem> {
    let new = NewApp {
        name: body.name,
        source: body.source,
        build: body.build,
        settings: body.settings,
        auto_deploy: body.auto_deploy,
    };
    let app = apps::create(&cx, body.environment, new).await?;
    Ok((StatusCode::CREATED, Json(view(&cx, app).await?)))
}

const fn yes() -> bool {
    true
}
