//! The database's own clock: what several servers must agree on is counted by it, so that a jump
//! of one machine's clock changes nothing for the others (leases, due jobs, quotas). SQLite's is
//! that of the only machine there is.

use super::Tx;
use crate::domain::clock::{Clock as _, SystemClock, Time};

const NOW_POSTGRES: &str = "SELECT clock_timestamp()";

/// Now, by the database.
///
/// # Errors
/// The database's.
pub async fn now(tx: &mut Tx) -> sqlx::Result<Time> {
    match tx {
        Tx::Sqlite(_) => Ok(SystemClock.now()),
        Tx::Postgres(tx) => sqlx::query_scalar(NOW_POSTGRES).fetch_one(&mut **tx).await,
    }
}
