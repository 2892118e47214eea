//! `POST /api/v1/environments/{id}/adopt`

use axum::Json;
use serde::{Deserialize, Serialize};

use crate::{
    control::{Ctx, adopt},
    deploy::preview::Preview,
    domain::{
        id::{AppId, EnvironmentId},
        name::Slug,
    },
    http::{api::v1::Answer, id::Id, json as body},
};

/// A stack to be adopted.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = AdoptStack)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The stack's name in Swarm.
    stack: String,
    /// The app's name, unique within the environment.
    name: Slug,
    /// The Compose file that it was deployed from; without it, one is written of what runs.
    compose: Option<String>,
    /// Only tell what would be done.
    #[serde(default)]
    dry_run: bool,
    /// Also if the next deployment would replace tasks.
    #[serde(default)]
    yes: bool,
}

/// What came of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AdoptedStack)]
pub struct AdoptedView {
    /// The app's id; none for a dry run.
    #[schema(value_type = Option<String>)]
    app: Option<AppId>,
    /// The Compose file that was written of what runs, if none was given: the app's from now on.
    written: Option<String>,
    /// What its next deployment would do.
    plan: Preview,
    /// Objects of the stack that the file does not name: they stay as they are.
    kept: Vec<String>,
}

/// Make an app of a stack that `docker stack deploy` made.
///
/// Nothing that runs is touched: the next deployment does what `plan` says.
#[utoipa::path(
    post,
    path = "/environments/{id}/adopt",
    tag = "environments",
    operation_id = "adopt_environments",
    params(("id" = String, Path)),
    request_body = Body,
    responses((status = 200, description = "Done, or for a dry run what would be.", body = AdoptedView)),
)]
pub async fn handler(
    cx: Ctx,
    Id(environment): Id<EnvironmentId>,
    body::Json(body): body::Json<Body>,
) -> Answer<AdoptedView> {
    let Body { stack, name, compose, dry_run, yes } = body;
    let adoption = adopt::Adoption { stack, name, compose, dry_run, yes };
    let adopt::Adopted { app, written, plan, kept } = adopt::adopt(&cx, environment, adoption).await?;
    Ok(Json(AdoptedView { app: app.map(|app| app.id), written, plan, kept }))
}
