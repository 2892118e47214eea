//! `GET /api/v1/apps/{id}/tasks`

use axum::Json;
use serde::Serialize;

use crate::{
    control::{Ctx, apps},
    domain::{clock::Time, id::AppId},
    http::{
        api::v1::Answer,
        id::Id,
        query::{Page, Paging, Query},
    },
    swarm::Task,
};

/// A task of Swarm.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TaskView {
    /// Swarm's id of it.
    id: String,
    /// The service's name.
    service: String,
    /// The replica.
    slot: Option<i64>,
    /// The node's id, once it is placed.
    node: Option<String>,
    /// The image.
    image: String,
    /// As observed: `running`, `failed`, `pending`...
    state: String,
    /// What Swarm wants: `running`, `shutdown`...
    desired: String,
    /// When the state was observed.
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Time>,
    /// The engine's own words on what went wrong.
    error: Option<String>,
    /// Exit code, if it ended.
    exit_code: Option<i64>,
}

impl From<Task> for TaskView {
    fn from(task: Task) -> Self {
        Self {
            id: task.id,
            service: task.service_name,
            slot: task.slot,
            node: task.node,
            image: task.image,
            state: task.state,
            desired: task.desired,
            since: task.since,
            error: task.error,
            exit_code: task.exit_code,
        }
    }
}

/// The tasks of an app, as the engine tells them now.
///
/// 503 if it does not tell: then nothing is known of what runs.
#[utoipa::path(
    get,
    path = "/apps/{id}/tasks",
    tag = "apps",
    operation_id = "tasks_apps",
    params(("id" = String, Path), Paging),
    responses((status = 200, description = "Done.", body = Page<TaskView>)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<AppId>, Query(paging): Query<Paging>) -> Answer<Page<TaskView>> {
    let all = apps::tasks(&cx, id).await?;
    Ok(Json(paging.page(all, |task| task.id.clone(), TaskView::from)))
}
