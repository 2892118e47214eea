//! `GET /api/v1/deployments/{id}/log`

use axum::Json;
use serde::{Deserialize, Serialize};

use crate::{
    control::{Ctx, deployments},
    db::log::Line,
    domain::{clock::Time, id::DeploymentId, step::Step},
    http::{
        api::v1::Answer,
        id::Id,
        query::{Page, Query},
    },
};

/// Which lines.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Only lines after this number.
    after: Option<i64>,
    /// So many at most: 500 if absent, 1000 at most.
    limit: Option<i64>,
}

/// A line of a deployment's log.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DeploymentLine)]
pub struct LineView {
    /// 1, 2, 3... within the deployment.
    seq: i64,
    /// The step that wrote it.
    step: Step,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Time,
    /// The text.
    line: String,
}

/// Lines of a deployment's log, secrets masked.
///
/// To follow them: `GET /events/deployments/{id}` (server-sent events).
#[utoipa::path(
    get,
    path = "/deployments/{id}/log",
    tag = "deployments",
    operation_id = "log_deployments",
    params(("id" = String, Path), Which),
    responses((status = 200, description = "Done.", body = Page<LineView>)),
)]
pub async fn handler(
    cx: Ctx,
    Id(id): Id<DeploymentId>,
    Query(which): Query<Which>,
) -> Answer<Page<LineView>> {
    let limit = which.limit.unwrap_or(500).clamp(1, 1000);
    let lines = deployments::log(&cx, id, which.after.unwrap_or(0), limit).await?;
    let full = i64::try_from(lines.len()).unwrap_or(0) == limit;
    let next = lines.last().filter(|_| full).map(|line| line.seq.to_string());
    let view = |line: Line| LineView { seq: line.seq, step: line.step, at: line.at, line: line.line };
    Ok(Json(Page { items: lines.into_iter().map(view).collect(), next }))
}
