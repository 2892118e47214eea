//! Log lines of deployments, numbered within each.

use super::{Tx, execute, fetch_all, fetch_optional};
use crate::domain::{clock::Time, id::DeploymentId, step::Step};

const APPEND: &str = "INSERT INTO deployment_log (deployment_id, seq, step, line, at) VALUES ($1, $2, $3, $4, $5) \
    ON CONFLICT (deployment_id, seq) DO NOTHING";
const LAST: &str = "SELECT COALESCE(max(seq), 0) FROM deployment_log WHERE deployment_id = $1";
const AFTER: &str = "SELECT seq, step, line, at FROM deployment_log \
    WHERE deployment_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";

const SWEEP: &str = "DELETE FROM deployment_log WHERE deployment_id IN (SELECT d.id FROM deployment d \
    WHERE d.finished_at < $1 AND NOT EXISTS (SELECT 1 FROM release r WHERE r.deployment_id = d.id))";

pub(super) const QUERIES: &[&str] = &[APPEND, LAST, AFTER, SWEEP];

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Line {
    /// 1, 2, 3... within the deployment.
    pub seq: i64,
    /// The step that wrote it.
    pub step: Step,
    /// The text, secrets masked.
    pub line: String,
    /// When.
    pub at: Time,
}

/// Adds lines.
///
/// # Errors
/// The database's.
pub async fn append(tx: &mut Tx, id: DeploymentId, lines: &[Line]) -> sqlx::Result<()> {
    for line in lines {
        execute!(tx, APPEND, id, line.seq, line.step, &line.line, line.at)?;
    }
    Ok(())
}

/// The number of the last line.
///
/// # Errors
/// The database's.
pub async fn last(tx: &mut Tx, id: DeploymentId) -> sqlx::Result<i64> {
    Ok(fetch_optional!(tx, (i64,), LAST, id)?.map_or(0, |(seq,)| seq))
}

/// Lines after number `after`.
///
/// # Errors
/// The database's.
pub async fn after(tx: &mut Tx, id: DeploymentId, after: i64, limit: i64) -> sqlx::Result<Vec<Line>> {
    fetch_all!(tx, Line, AFTER, id, after, limit)
}

/// Forgets the lines of deployments that ended before `before` and are no release that is kept.
///
/// # Errors
/// The database's.
pub async fn sweep(tx: &mut Tx, before: Time) -> sqlx::Result<()> {
    execute!(tx, SWEEP, before).map(|_| ())
}
