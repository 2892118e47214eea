//! `POST /api/v1/apps/{id}/deployments`

use serde::Deserialize;

use super::{Accepted, DeploymentView};
use crate::{
    control::{Ctx, deployments},
    domain::{id::AppId, name::Sha},
    http::{Problem, id::Id, json as body},
};

/// What is to be deployed.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = CreateDeployment)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Why, for the record.
    #[serde(default)]
    reason: Option<String>,
    /// A full commit id, for an app from git.
    #[serde(default)]
    commit: Option<Sha>,
    /// Services of a Compose app, by their names in the file, that alone are built and updated, with
    /// those that they need and that do not run yet; the others stay as they run. All if empty.
    #[serde(default)]
    services: Vec<String>,
}

/// Deploy an app.
///
/// The newest commit, or the one given; of a Compose app the whole, or some services alone. What waits
/// already gives way, and what it was of goes along. A stopped app is started by it. To a protected
/// environment it may need a reason, an allowed branch, and approvals: then it is `awaiting_approval`.
#[utoipa::path(
    post,
    path = "/apps/{id}/deployments",
    tag = "deployments",
    operation_id = "create_deployments",
    params(("id" = String, Path)),
    request_body = Body,
    responses((status = 202, description = "Queued, or awaiting approval.", body = DeploymentView)),
)]
pub async fn handler(
    cx: Ctx,
    Id(app): Id<AppId>,
    body::Json(body): body::Json<Body>,
) -> Result<Accepted, Problem> {
    let deployment = deployments::create_part(&cx, app, body.reason, body.commit, body.services).await?;
    Ok(Accepted(deployment))
}
