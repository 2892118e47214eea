//! Settings of the instance: public host, ACME directory and address...

use super::{Tx, execute, fetch_optional};

const GET: &str = "SELECT value FROM setting WHERE key = $1";
const PUT: &str = "INSERT INTO setting (key, value) VALUES ($1, $2) \
    ON CONFLICT (key) DO UPDATE SET value = excluded.value";
const PUT_NEW: &str = "INSERT INTO setting (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING";
const HOLD: &str = "UPDATE setting SET value = value WHERE key = $1 RETURNING value";
const REMOVE: &str = "DELETE FROM setting WHERE key = $1";

pub(super) const QUERIES: &[&str] = &[GET, PUT, PUT_NEW, HOLD, REMOVE];

/// The value of a setting.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, key: &str) -> sqlx::Result<Option<String>> {
    Ok(fetch_optional!(tx, (String,), GET, key)?.map(|(value,)| value))
}

/// The value of a setting, which nobody else changes or holds until this transaction ends.
///
/// # Errors
/// The database's.
pub async fn hold(tx: &mut Tx, key: &str) -> sqlx::Result<Option<String>> {
    Ok(fetch_optional!(tx, (String,), HOLD, key)?.map(|(value,)| value))
}

/// Sets a setting.
///
/// # Errors
/// The database's.
pub async fn put(tx: &mut Tx, key: &str, value: &str) -> sqlx::Result<()> {
    execute!(tx, PUT, key, value).map(|_| ())
}

/// Sets a setting that has no value yet; whether it was set.
///
/// # Errors
/// The database's.
pub async fn put_new(tx: &mut Tx, key: &str, value: &str) -> sqlx::Result<bool> {
    Ok(execute!(tx, PUT_NEW, key, value)? > 0)
}

/// Takes a setting away.
///
/// # Errors
/// The database's.
pub async fn remove(tx: &mut Tx, key: &str) -> sqlx::Result<()> {
    execute!(tx, REMOVE, key).map(|_| ())
}
