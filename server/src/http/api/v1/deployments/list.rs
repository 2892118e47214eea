//! `GET /api/v1/apps/{id}/deployments`

use axum::{Json, http::StatusCode};

use super::DeploymentView;
use crate::{
    control::{Ctx, deployments},
    domain::id::AppId,
    http::{
        Problem,
        api::v1::Answer,
        id::Id,
        query::{Page, Paging, Query},
    },
};

/// The deployments of an app, newest first.
#[utoipa::path(
    get,
    path = "/apps/{id}/deployments",
    tag = "deployments",
    operation_id = "list_deployments",
    params(("id" = String, Path), Paging),
    responses((status = 200, description = "Done.", body = Page<DeploymentView>)),
)]
pub async fn handler(
    cx: Ctx,
    Id(app): Id<AppId>,
    Query(paging): Query<Paging>,
) -> Answer<Page<DeploymentView>> {
    let before = match paging.cursor.as_deref().map(str::parse) {
        None => None,
        Some(Ok(number)) => Some(number),
        Some(Err(_)) => {
            return Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "invalid_query",
                "cursor: give what the page before gave",
            ));
        }
    };
    let limit = paging.limit().min(100);
    let found = deployments::list(&cx, app, before, i64::try_from(limit).unwrap_or(100)).await?;
    let next = found
        .last()
        .filter(|last| found.len() == limit && last.number > 1)
        .map(|last| last.number.to_string());
    Ok(Json(Page { items: found.into_iter().map(DeploymentView::from).collect(), next }))
}
