//! What environments ask of deployments, and what people said to them.

use sqlx::types::Json;

use super::{Tx, execute, fetch_all, fetch_optional};
use crate::domain::{
    clock::Time,
    id::{AppId, DeploymentId, EnvironmentId, UserId},
    protection::{Decision, Protection},
};

const GET: &str = "SELECT approvals, reason_required, branches, pushes, rollback_without_approval \
    FROM environment_protection WHERE environment_id = $1";
const OF_APP: &str = "SELECT p.approvals, p.reason_required, p.branches, p.pushes, p.rollback_without_approval \
    FROM environment_protection p JOIN app a ON a.environment_id = p.environment_id WHERE a.id = $1";
const PUT: &str = "INSERT INTO environment_protection (environment_id, approvals, reason_required, branches, pushes, \
    rollback_without_approval) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (environment_id) DO UPDATE SET \
    approvals = excluded.approvals, reason_required = excluded.reason_required, branches = excluded.branches, \
    pushes = excluded.pushes, rollback_without_approval = excluded.rollback_without_approval";
const REMOVE: &str = "DELETE FROM environment_protection WHERE environment_id = $1";
const DECIDE: &str = "INSERT INTO approval (deployment_id, person_id, approved, comment, created_at) \
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (deployment_id, person_id) DO UPDATE SET \
    approved = excluded.approved, comment = excluded.comment, created_at = excluded.created_at";
const DECISIONS: &str = "SELECT deployment_id, person_id, approved, comment, created_at FROM approval \
    WHERE deployment_id = $1 ORDER BY created_at";

pub(super) const QUERIES: &[&str] = &[GET, OF_APP, PUT, REMOVE, DECIDE, DECISIONS];

#[derive(sqlx::FromRow)]
struct Row {
    approvals: i64,
    reason_required: bool,
    branches: Json<Vec<String>>,
    pushes: bool,
    rollback_without_approval: bool,
}

impl From<Row> for Protection {
    fn from(row: Row) -> Self {
        Self {
            approvals: row.approvals,
            reason_required: row.reason_required,
            branches: row.branches.0,
            pushes: row.pushes,
            rollback_without_approval: row.rollback_without_approval,
        }
    }
}

#[derive(sqlx::FromRow)]
struct DecisionRow {
    deployment_id: DeploymentId,
    person_id: UserId,
    approved: bool,
    comment: Option<String>,
    created_at: Time,
}

/// What an environment asks; nothing if it is not protected. Its team was checked by the caller.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, environment: EnvironmentId) -> sqlx::Result<Option<Protection>> {
    Ok(fetch_optional!(tx, Row, GET, environment)?.map(Into::into))
}

/// What the environment of an app asks; nothing if it is not protected.
///
/// # Errors
/// The database's.
pub async fn of_app(tx: &mut Tx, app: AppId) -> sqlx::Result<Option<Protection>> {
    Ok(fetch_optional!(tx, Row, OF_APP, app)?.map(Into::into))
}

/// Protects an environment; its team was checked by the caller.
///
/// # Errors
/// The database's.
pub async fn put(tx: &mut Tx, environment: EnvironmentId, p: &Protection) -> sqlx::Result<()> {
    let branches = Json(&p.branches);
    let (reason, back) = (p.reason_required, p.rollback_without_approval);
    execute!(tx, PUT, environment, p.approvals, reason, branches, p.pushes, back).map(drop)
}

/// Takes the protection away; the environment's team was checked by the caller.
///
/// # Errors
/// The database's.
pub async fn remove(tx: &mut Tx, environment: EnvironmentId) -> sqlx::Result<()> {
    execute!(tx, REMOVE, environment).map(drop)
}

/// Writes what a person said to a deployment, in place of what they said before.
///
/// # Errors
/// The database's.
pub async fn decide(tx: &mut Tx, d: &Decision) -> sqlx::Result<()> {
    execute!(tx, DECIDE, d.deployment, d.user, d.approved, &d.comment, d.at).map(drop)
}

/// What people said to a deployment, the first one first.
///
/// # Errors
/// The database's.
pub async fn decisions(tx: &mut Tx, deployment: DeploymentId) -> sqlx::Result<Vec<Decision>> {
    let decision = |row: DecisionRow| Decision {
        deployment: row.deployment_id,
        user: row.person_id,
        approved: row.approved,
        comment: row.comment,
        at: row.created_at,
    };
    Ok(fetch_all!(tx, DecisionRow, DECISIONS, deployment)?.into_iter().map(decision).collect())
}
