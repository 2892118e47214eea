//! Deployments and releases.

mod approvals;
mod approve;
mod cancel;
mod create;
mod go_on;
mod hold;
mod list;
mod log;
mod reject;
mod releases;
mod rollback;
mod shift;
mod show;
mod steps;

use std::collections::BTreeSet;

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use crate::domain::{
    clock::Time,
    deployment::{Cause, Deployment, Failure, State},
    id::{AppId, DeploymentId},
    name::Sha,
    shift::Shift,
};

/// One attempt to make an app real.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DeploymentView {
    /// Its id.
    #[schema(value_type = String)]
    id: DeploymentId,
    /// The app.
    #[schema(value_type = String)]
    app: AppId,
    /// 1, 2, 3... within the app.
    number: i64,
    /// The app's generation that it makes real.
    generation: i64,
    /// Where it stands.
    state: State,
    /// It will not change by itself any more.
    ended: bool,
    /// Somebody asked it to stop.
    cancelling: bool,
    /// Why it was started.
    cause: Cause,
    /// The services that it is of alone; the whole app if empty.
    services: BTreeSet<String>,
    /// The person's words.
    reason: Option<String>,
    /// The commit, once it is known.
    commit: Option<Sha>,
    /// First line of the commit's message.
    title: Option<String>,
    /// The commit's author.
    author: Option<String>,
    /// How many approvals it needed when it was asked for; `/approvals` tells who gave them.
    approvals_needed: i64,
    /// Why it did not become live.
    failure: Option<Failure>,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
    /// When a worker took it.
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Time>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Time>,
}

impl From<Deployment> for DeploymentView {
    fn from(deployment: Deployment) -> Self {
        let ended = deployment.state.ended();
        Self {
            id: deployment.id,
            app: deployment.app,
            number: deployment.number,
            generation: deployment.generation,
            state: deployment.state,
            ended,
            cancelling: deployment.cancel && !ended,
            cause: deployment.cause,
            services: deployment.services,
            reason: deployment.reason,
            commit: deployment.commit,
            title: deployment.title,
            author: deployment.author,
            approvals_needed: deployment.approvals,
            failure: deployment.failure,
            created_at: deployment.created_at,
            started_at: deployment.started_at,
            finished_at: deployment.finished_at,
        }
    }
}

/// Visitors on their way to a new version.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Shift)]
pub struct ShiftView {
    /// The new version's share of the visitors, in percent.
    weight: u8,
    /// Which step it is, from 1.
    step: usize,
    /// How many there are.
    steps: usize,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    since: Time,
    /// When the next step comes; or, if it waits for a person, when it is given up.
    #[schema(value_type = String, format = DateTime)]
    until: Time,
    /// It waits for a person.
    by_hand: bool,
}

impl From<Shift> for ShiftView {
    fn from(shift: Shift) -> Self {
        Self {
            weight: shift.weight,
            step: shift.position + 1,
            steps: shift.positions,
            since: shift.since,
            until: shift.until,
            by_hand: shift.by_hand,
        }
    }
}

/// A person's words with what they decide.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = Decide)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Why, for the record.
    #[serde(default)]
    comment: Option<String>,
}

/// 202: a deployment was queued, and where to look for it.
pub struct Accepted(pub Deployment);

impl IntoResponse for Accepted {
    fn into_response(self) -> Response {
        let place = format!("/api/v1/deployments/{}", self.0.id);
        (StatusCode::ACCEPTED, [(header::LOCATION, place)], Json(DeploymentView::from(self.0)))
            .into_response()
    }
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(create::handler))
        .routes(routes!(rollback::handler))
        .routes(routes!(show::handler))
        .routes(routes!(steps::handler))
        .routes(routes!(log::handler))
        .routes(routes!(cancel::handler))
        .routes(routes!(shift::handler))
        .routes(routes!(go_on::handler))
        .routes(routes!(hold::handler))
        .routes(routes!(approvals::handler))
        .routes(routes!(approve::handler))
        .routes(routes!(reject::handler))
        .routes(routes!(releases::handler))
}
