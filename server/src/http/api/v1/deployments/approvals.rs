//! `GET /api/v1/deployments/{id}/approvals`

use axum::Json;
use serde::Serialize;

use crate::{
    control::{Ctx, approvals},
    domain::{
        clock::Time,
        id::{DeploymentId, UserId},
    },
    http::{api::v1::Answer, id::Id},
};

/// How a deployment stands with its approvals.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ApprovalsView {
    /// How many it needs, or needed; 0 if none.
    needed: i64,
    /// How many it has.
    given: usize,
    /// Until when it waits; none if it does not.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Time>,
    /// You may approve it now.
    mine: bool,
    /// What people said, the first one first.
    items: Vec<DecisionView>,
}

/// What one person said.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DecisionView {
    /// Who.
    #[schema(value_type = String)]
    user: UserId,
    /// Their address, while they are of the team.
    email: Option<String>,
    /// Yes or no.
    approved: bool,
    /// Their words.
    comment: Option<String>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Time,
}

/// Who approved or rejected a deployment, and who still may.
#[utoipa::path(
    get,
    path = "/deployments/{id}/approvals",
    tag = "deployments",
    operation_id = "approvals_deployments",
    params(("id" = String, Path)),
    responses((status = 200, description = "Done.", body = ApprovalsView)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<DeploymentId>) -> Answer<ApprovalsView> {
    let found = approvals::of(&cx, id).await?;
    let items: Vec<_> = found
        .given
        .into_iter()
        .map(|(decision, email)| DecisionView {
            user: decision.user,
            email: email.map(|email| email.to_string()),
            approved: decision.approved,
            comment: decision.comment,
            at: decision.at,
        })
        .collect();
    Ok(Json(ApprovalsView {
        needed: found.needed,
        given: items.iter().filter(|item| item.approved).count(),
        expires_at: found.until,
        mine: found.mine,
        items,
    }))
}
