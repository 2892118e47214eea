//! Recorded steps of deployments: a step with an output is done and is not run again.

use sqlx::types::Json;

use super::{Tx, execute, fetch_all};
use crate::domain::{clock::Time, id::DeploymentId, step::Step};

const BEGIN: &str = "INSERT INTO deployment_step (deployment_id, step, started_at) VALUES ($1, $2, $3) \
    ON CONFLICT (deployment_id, step) DO NOTHING";
const FINISH: &str = "UPDATE deployment_step SET output = $3, finished_at = $4 \
    WHERE deployment_id = $1 AND step = $2 AND finished_at IS NULL";
const LIST: &str = "SELECT step, output, started_at, finished_at FROM deployment_step \
    WHERE deployment_id = $1 ORDER BY started_at";

const SWEEP: &str = "UPDATE deployment_step SET output = NULL WHERE output IS NOT NULL AND deployment_id IN \
    (SELECT d.id FROM deployment d WHERE d.finished_at < $1 AND NOT EXISTS \
    (SELECT 1 FROM release r WHERE r.deployment_id = d.id))";

pub(super) const QUERIES: &[&str] = &[BEGIN, FINISH, LIST, SWEEP];

/// A step that was begun.
#[derive(Debug, sqlx::FromRow)]
pub struct Record {
    /// Which.
    pub step: Step,
    /// What it gave, once it is done.
    pub output: Option<Json<serde_json::Value>>,
    /// When it was first begun.
    pub started_at: Time,
    /// When it was done.
    pub finished_at: Option<Time>,
}

/// Notes that a step begins; repeating is no error.
///
/// # Errors
/// The database's.
pub async fn begin(tx: &mut Tx, id: DeploymentId, step: Step, now: Time) -> sqlx::Result<()> {
    execute!(tx, BEGIN, id, step, now).map(|_| ())
}

/// Records what a step gave; the first record stays.
///
/// # Errors
/// The database's.
pub async fn finish(
    tx: &mut Tx,
    id: DeploymentId,
    step: Step,
    output: &serde_json::Value,
    now: Time,
) -> sqlx::Result<()> {
    execute!(tx, FINISH, id, step, Json(output), now).map(|_| ())
}

/// The steps of a deployment, in the order in which they began.
///
/// # Errors
/// The database's.
pub async fn list(tx: &mut Tx, id: DeploymentId) -> sqlx::Result<Vec<Record>> {
    fetch_all!(tx, Record, LIST, id)
}

/// Forgets what steps gave in deployments that ended before `before` and are no release that is
/// kept: whole specs and files, which only a repetition needs.
///
/// # Errors
/// The database's.
pub async fn sweep(tx: &mut Tx, before: Time) -> sqlx::Result<()> {
    execute!(tx, SWEEP, before).map(|_| ())
}
