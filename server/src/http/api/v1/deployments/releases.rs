//! `GET /api/v1/apps/{id}/releases`

use std::collections::BTreeMap;

use axum::Json;
use serde::Serialize;

use crate::{
    control::{Ctx, deployments},
    domain::{
        clock::Time,
        id::{AppId, DeploymentId, ReleaseId},
        name::Sha,
        release::Release,
    },
    http::{
        api::v1::Answer,
        id::Id,
        query::{Page, Paging, Query},
    },
};

/// What serves, or served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReleaseView {
    /// Its id.
    #[schema(value_type = String)]
    id: ReleaseId,
    /// The deployment that made it.
    #[schema(value_type = String)]
    deployment: DeploymentId,
    /// Its number within the app.
    number: i64,
    /// The commit, if it came from git.
    commit: Option<Sha>,
    /// The images, pinned, by service.
    images: BTreeMap<String, String>,
    /// When it went live.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
    /// When another took its place; none for the one that serves.
    #[schema(value_type = Option<String>, format = DateTime)]
    retired_at: Option<Time>,
}

impl From<Release> for ReleaseView {
    fn from(release: Release) -> Self {
        Self {
            id: release.id,
            deployment: release.deployment,
            number: release.number,
            commit: release.commit,
            images: release.images,
            created_at: release.created_at,
            retired_at: release.retired_at,
        }
    }
}

/// The releases that an app can be returned to, newest first.
#[utoipa::path(
    get,
    path = "/apps/{id}/releases",
    tag = "deployments",
    operation_id = "releases_deployments",
    params(("id" = String, Path), Paging),
    responses((status = 200, description = "Done.", body = Page<ReleaseView>)),
)]
pub async fn handler(cx: Ctx, Id(app): Id<AppId>, Query(paging): Query<Paging>) -> Answer<Page<ReleaseView>> {
    let all = deployments::releases(&cx, app).await?;
    Ok(Json(paging.page(all, |release| release.id.to_string(), ReleaseView::from)))
}
