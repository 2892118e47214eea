//! The replicas of the edge: each row is what one said last of itself.

use super::{Tx, execute, fetch_all, later};
use crate::{
    domain::clock::Time,
    edge::keeper::{Replica, Report},
};

const SEEN: &str = "INSERT INTO edge (id, node, loaded, program, started_at, seen_at) VALUES ($1, $2, $3, $4, $5, $5) \
    ON CONFLICT (id) DO UPDATE SET loaded = excluded.loaded, seen_at = excluded.seen_at";
const LOST: &str = "DELETE FROM edge WHERE seen_at < $1";
const GONE: &str = "DELETE FROM edge WHERE id = $1";
const LIST: &str =
    "SELECT id, node, loaded, program, started_at, seen_at FROM edge ORDER BY node, started_at, id";

pub(super) const QUERIES: &[&str] = &[SEEN, LOST, GONE, LIST];

/// A replica as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Row {
    /// New with each start.
    pub id: Replica,
    /// Its node's name.
    pub node: String,
    /// The version that it serves.
    pub loaded: Option<String>,
    /// Its keeper's version.
    pub program: String,
    /// Its first report.
    pub started_at: Time,
    /// Its last report.
    pub seen_at: Time,
}

/// Stores a report, and forgets replicas that were silent since `lost`.
///
/// # Errors
/// The database's.
pub async fn seen(tx: &mut Tx, id: Replica, report: &Report, now: Time, lost: Time) -> sqlx::Result<()> {
    later!(tx, LOST, lost)?;
    execute!(tx, SEEN, id, &report.node, &report.loaded, &report.program, now).map(|_| ())
}

/// Forgets a replica that has ended.
///
/// # Errors
/// The database's.
pub async fn gone(tx: &mut Tx, id: Replica) -> sqlx::Result<()> {
    execute!(tx, GONE, id).map(|_| ())
}

/// All replicas, by node.
///
/// # Errors
/// The database's.
pub async fn list(tx: &mut Tx) -> sqlx::Result<Vec<Row>> {
    fetch_all!(tx, Row, LIST)
}
