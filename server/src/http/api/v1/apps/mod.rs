//! Apps.

mod configure;
mod create;
mod delete;
mod list;
mod logs;
mod plan;
mod restart;
mod scale;
mod services;
mod show;
mod start;
mod stop;
mod tasks;
mod traffic;
mod upload;

use std::collections::HashMap;

use serde::Serialize;

use super::deployments::DeploymentView;
use crate::{
    control::{Ctx, Error, deployments, environments, projects},
    domain::{
        app::{App, Build, Settings, Source, Wanted},
        clock::Time,
        id::{AppId, EnvironmentId},
    },
};

/// What a user deploys.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AppView {
    /// Its id.
    #[schema(value_type = String)]
    id: AppId,
    /// Unique within the environment.
    name: String,
    /// Where it lives: `project/environment/app`.
    path: String,
    /// The environment.
    #[schema(value_type = String)]
    environment: EnvironmentId,
    /// The name of its stack in Swarm.
    stack: String,
    /// Where it comes from.
    source: Source,
    /// How it becomes an image.
    build: Build,
    /// How it runs.
    settings: Settings,
    /// Counted up by each change.
    generation: i64,
    /// Whether it should run.
    wanted: Wanted,
    /// Pushes deploy by themselves.
    auto_deploy: bool,
    /// Its newest deployment.
    newest: Option<DeploymentView>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Time,
}

/// One app with its place and newest deployment.
async fn view(cx: &Ctx, app: App) -> Result<AppView, Error> {
    let id = app.id;
    views(cx, vec![app]).await?.pop().ok_or_else(|| Error::internal(format!("no view of app {id}")))
}

/// Apps with their places and newest deployments: three queries, however many they are.
async fn views(cx: &Ctx, apps: Vec<App>) -> Result<Vec<AppView>, Error> {
    let projects: HashMap<_, _> = projects::list(cx).await?.into_iter().map(|p| (p.id, p.name)).collect();
    let places: HashMap<_, _> = environments::list(cx).await?.into_iter().map(|e| (e.id, e)).collect();
    let mut newest: HashMap<_, _> = deployments::newest(cx).await?.into_iter().map(|d| (d.app, d)).collect();
    let path = |app: &App| {
        let place = places.get(&app.environment)?;
        Some(format!("{}/{}/{}", projects.get(&place.project)?, place.name, app.name))
    };
    let view = |app: App| AppView {
        path: path(&app).unwrap_or_else(|| app.name.to_string()),
        newest: newest.remove(&app.id).map(DeploymentView::from),
        id: app.id,
        name: app.name.to_string(),
        environment: app.environment,
        stack: app.stack,
        source: app.source,
        build: app.build,
        settings: app.settings,
        generation: app.generation,
        wanted: app.wanted,
        auto_deploy: app.auto_deploy,
        created_at: app.created_at,
        updated_at: app.updated_at,
    };
    Ok(apps.into_iter().map(view).collect())
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(create::handler))
        .routes(routes!(show::handler))
        .routes(routes!(configure::handler))
        .routes(routes!(delete::handler))
        .routes(routes!(start::handler))
        .routes(routes!(stop::handler))
        .routes(routes!(restart::handler))
        .routes(routes!(scale::handler))
        .routes(routes!(services::handler))
        .routes(routes!(tasks::handler))
        .routes(routes!(logs::handler))
        .routes(routes!(upload::handler))
        .routes(routes!(plan::handler))
        .routes(routes!(traffic::handler))
}
