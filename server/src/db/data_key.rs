//! Data keys, each sealed under the master key. Who changes them holds the canary of the master key
//! ([`super::setting::hold`]) meanwhile, so that no key comes under a master key that goes.

use super::{Tx, execute, fetch_all};
use crate::domain::{
    clock::Time,
    data_key::{DataKey, KeyId},
};

const INSERT: &str = "INSERT INTO data_key (id, sealed, created_at, active_from) VALUES ($1, $2, $3, $4)";
const LIST: &str =
    "SELECT id, sealed, created_at, active_from, retired_at FROM data_key ORDER BY created_at DESC, id";
const RESEAL: &str = "UPDATE data_key SET sealed = $2 WHERE id = $1";
const RETIRE: &str = "UPDATE data_key SET retired_at = $2 WHERE id = $1 AND retired_at IS NULL";
const REMOVE: &str = "DELETE FROM data_key WHERE id = $1 AND retired_at IS NOT NULL";

pub(super) const QUERIES: &[&str] = &[INSERT, LIST, RESEAL, RETIRE, REMOVE];

#[derive(sqlx::FromRow)]
struct Row {
    id: KeyId,
    sealed: Vec<u8>,
    created_at: Time,
    active_from: Time,
    retired_at: Option<Time>,
}

impl From<Row> for DataKey {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            sealed: row.sealed,
            created_at: row.created_at,
            active_from: row.active_from,
            retired_at: row.retired_at,
        }
    }
}

/// Keeps a new data key.
///
/// # Errors
/// The database's; there is one of that id.
pub async fn insert(tx: &mut Tx, key: &DataKey) -> sqlx::Result<()> {
    execute!(tx, INSERT, key.id, &key.sealed, key.created_at, key.active_from).map(|_| ())
}

/// All data keys, newest first.
///
/// # Errors
/// The database's.
pub async fn list(tx: &mut Tx) -> sqlx::Result<Vec<DataKey>> {
    Ok(fetch_all!(tx, Row, LIST)?.into_iter().map(Into::into).collect())
}

/// Puts the same key, sealed under another master key, in place of what is kept of it.
///
/// # Errors
/// The database's.
pub async fn reseal(tx: &mut Tx, id: KeyId, sealed: &[u8]) -> sqlx::Result<()> {
    execute!(tx, RESEAL, id, sealed).map(|_| ())
}

/// Notes that nothing is sealed with a key any more; whether that was new.
///
/// # Errors
/// The database's.
pub async fn retire(tx: &mut Tx, id: KeyId, now: Time) -> sqlx::Result<bool> {
    Ok(execute!(tx, RETIRE, id, now)? > 0)
}

/// Forgets a retired key; whether it was there.
///
/// # Errors
/// The database's.
pub async fn remove(tx: &mut Tx, id: KeyId) -> sqlx::Result<bool> {
    Ok(execute!(tx, REMOVE, id)? > 0)
}
