//! The instance's key of names: see [`crate::deploy::secret_names`]. Sealed before it comes here.

use super::{Tx, execute, fetch_optional};

const GET: &str = "SELECT sealed FROM name_key WHERE name = 'instance'";
const INSERT: &str =
    "INSERT INTO name_key (name, sealed) VALUES ('instance', $1) ON CONFLICT (name) DO NOTHING";

pub(super) const QUERIES: &[&str] = &[GET, INSERT];

/// The key, if there is one.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx) -> sqlx::Result<Option<Vec<u8>>> {
    Ok(fetch_optional!(tx, (Vec<u8>,), GET)?.map(|(sealed,)| sealed))
}

/// Keeps a key, unless another server was first.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, sealed: &[u8]) -> sqlx::Result<()> {
    execute!(tx, INSERT, sealed).map(drop)
}
