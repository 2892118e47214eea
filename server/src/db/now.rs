//! The database's own clock: what several servers must agree on is counted by it, so that a jump
//! of one machine's clock changes nothing for the others (leases, due jobs, quotas).

use chrono::Duration;

use super::Tx;
use crate::domain::clock::Time;

const NOW_SQLITE: &str = "SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')";
const NOW_POSTGRES: &str = "SELECT clock_timestamp()";

/// Now, by the database.
///
/// # Errors
/// The database's.
pub async fn now(tx: &mut Tx) -> sqlx::Result<Time> {
    match tx {
        Tx::Sqlite(tx) => {
            let text: String = sqlx::query_scalar(NOW_SQLITE).fetch_one(&mut **tx).await?;
            // Its clock gives milliseconds, ours microseconds: rounded up, so that what was due
            // before this moment is due.
            let now: Time = text.parse().map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
            Ok(now + Duration::milliseconds(1))
        }
        Tx::Postgres(tx) => sqlx::query_scalar(NOW_POSTGRES).fetch_one(&mut **tx).await,
    }
}
