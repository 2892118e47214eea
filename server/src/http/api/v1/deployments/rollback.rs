//! `POST /api/v1/apps/{id}/rollback`

use serde::Deserialize;

use super::{Accepted, DeploymentView};
use crate::{
    control::{Ctx, deployments},
    domain::id::{AppId, ReleaseId},
    http::{Problem, id::Id, json as body},
};

/// Where to return to.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = Rollback)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The release; the one before the one that serves if absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    release: Option<ReleaseId>,
    /// Why, for the record.
    #[serde(default)]
    reason: Option<String>,
}

/// Return an app to an earlier release, as it was.
#[utoipa::path(
    post,
    path = "/apps/{id}/rollback",
    tag = "deployments",
    operation_id = "rollback_deployments",
    params(("id" = String, Path)),
    request_body = Body,
    responses((status = 202, description = "Queued, or awaiting approval.", body = DeploymentView)),
)]
pub async fn handler(
    cx: Ctx,
    Id(app): Id<AppId>,
    body::Json(body): body::Json<Body>,
) -> Result<Accepted, Problem> {
    let deployment = deployments::rollback(&cx, app, body.release, body.reason).await?;
    Ok(Accepted(deployment))
}
