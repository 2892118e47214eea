//! `GET /api/v1/apps/{id}/logs`

use axum::Json;
use futures::StreamExt as _;
use serde::{Deserialize, Serialize};

use crate::{
    control::{Ctx, Error, apps, logs, standing},
    domain::{clock::Time, id::AppId},
    http::{
        api::v1::Answer,
        id::Id,
        query::{Page, Query},
    },
    swarm::LogQuery,
};

/// Which lines.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// So many of each task at most: 200 if absent, 5000 at most.
    tail: Option<u32>,
    /// Of one task only, by Swarm's id.
    task: Option<String>,
    /// Of one service of a Compose file only.
    service: Option<String>,
}

/// A line that an app wrote.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LineView {
    /// When, if the engine tells.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Time>,
    /// Of which service: its name in the Compose file, or the app's own.
    service: String,
    /// By which task, if the engine tells.
    task: Option<String>,
    /// It came on standard error.
    stderr: bool,
    /// The text.
    line: String,
}

/// The last lines that an app wrote, oldest first, secrets masked.
///
/// To follow them: `GET /events/apps/{id}/logs` (server-sent events).
#[utoipa::path(
    get,
    path = "/apps/{id}/logs",
    tag = "apps",
    operation_id = "logs_apps",
    params(("id" = String, Path), Which),
    responses((status = 200, description = "Done.", body = Page<LineView>)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<AppId>, Query(which): Query<Which>) -> Answer<Page<LineView>> {
    let query = LogQuery { tail: which.tail, follow: false, task: which.task };
    let app = apps::get(&cx, id).await?;
    let mut lines = logs::follow(&cx, id, which.service.as_deref(), query).await?;
    let mut items = Vec::new();
    while let Some(line) = lines.next().await {
        let line = line.map_err(|error| Error::Unavailable(error.to_string()))?;
        let service = standing::service(&app, &line.service).to_owned();
        items.push(LineView { at: line.at, service, task: line.task, stderr: line.stderr, line: line.line });
    }
    // Each task's lines come in order; together they are sorted by time.
    items.sort_by_key(|line| line.at);
    Ok(Json(Page { items, next: None }))
}
