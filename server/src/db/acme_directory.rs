//! Directories beside the one of the settings, and which environment has chosen one.

use sqlx::types::Json;

use super::{Tx, execute, fetch_all, fetch_optional};
use crate::{
    acme::{Directory, KeyType, budget::Limits, choice::Listed},
    domain::{
        clock::Time,
        host_pattern::HostPattern,
        id::{DirectoryId, EnvironmentId},
    },
};

const LIST: &str = "SELECT * FROM acme_directory ORDER BY position, name";
const GET: &str = "SELECT * FROM acme_directory WHERE id = $1";
const INSERT: &str = "INSERT INTO acme_directory (id, position, name, address, backup, external_key, sealed_hmac, \
    profile, key_type, limits, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const SAVE: &str = "UPDATE acme_directory SET position = $2, name = $3, address = $4, backup = $5, external_key = $6, \
    sealed_hmac = $7, profile = $8, key_type = $9, limits = $10 WHERE id = $1";
const REMOVE: &str = "DELETE FROM acme_directory WHERE id = $1";
const OF_HOST: &str = "SELECT e.acme_directory FROM host_owner h JOIN app a ON a.id = h.app_id \
    JOIN environment e ON e.id = a.environment_id WHERE h.host = $1";
const OF_ENVIRONMENT: &str = "SELECT acme_directory FROM environment WHERE id = $1";
const CHOOSE: &str = "UPDATE environment SET acme_directory = $2 WHERE id = $1";
const CHOSEN: &str = "SELECT (SELECT count(*) FROM certificate WHERE chosen = $1) \
    + (SELECT count(*) FROM environment WHERE acme_directory = $1)";

pub(super) const QUERIES: &[&str] =
    &[LIST, GET, INSERT, SAVE, REMOVE, OF_HOST, OF_ENVIRONMENT, CHOOSE, CHOSEN];

#[derive(sqlx::FromRow)]
struct Row {
    id: DirectoryId,
    position: i64,
    name: String,
    address: Directory,
    backup: bool,
    external_key: Option<String>,
    sealed_hmac: Option<Vec<u8>>,
    profile: Option<String>,
    key_type: KeyType,
    limits: Json<Limits>,
    created_at: Time,
}

impl From<Row> for Listed {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            position: row.position,
            name: row.name,
            address: row.address,
            backup: row.backup,
            external_key: row.external_key,
            sealed_hmac: row.sealed_hmac,
            profile: row.profile,
            key: row.key_type,
            limits: row.limits.0,
            created_at: row.created_at,
        }
    }
}

/// All of them, in their order.
///
/// # Errors
/// The database's.
pub async fn list(tx: &mut Tx) -> sqlx::Result<Vec<Listed>> {
    Ok(fetch_all!(tx, Row, LIST)?.into_iter().map(Into::into).collect())
}

/// One of them.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, id: DirectoryId) -> sqlx::Result<Option<Listed>> {
    Ok(fetch_optional!(tx, Row, GET, id)?.map(Into::into))
}

/// Keeps a new one.
///
/// # Errors
/// The database's; a duplicate name or address.
pub async fn insert(tx: &mut Tx, x: &Listed) -> sqlx::Result<()> {
    execute!(
        tx,
        INSERT,
        x.id,
        x.position,
        &x.name,
        &x.address,
        x.backup,
        &x.external_key,
        &x.sealed_hmac,
        &x.profile,
        x.key,
        Json(x.limits),
        x.created_at
    )
    .map(|_| ())
}

/// Writes one.
///
/// # Errors
/// The database's; a duplicate name or address.
pub async fn save(tx: &mut Tx, x: &Listed) -> sqlx::Result<()> {
    execute!(
        tx,
        SAVE,
        x.id,
        x.position,
        &x.name,
        &x.address,
        x.backup,
        &x.external_key,
        &x.sealed_hmac,
        &x.profile,
        x.key,
        Json(x.limits)
    )
    .map(|_| ())
}

/// Forgets one.
///
/// # Errors
/// The database's.
pub async fn remove(tx: &mut Tx, id: DirectoryId) -> sqlx::Result<()> {
    execute!(tx, REMOVE, id).map(|_| ())
}

/// What the environment of a host has chosen.
///
/// # Errors
/// The database's.
pub async fn of_host(tx: &mut Tx, host: &HostPattern) -> sqlx::Result<Option<String>> {
    Ok(fetch_optional!(tx, (Option<String>,), OF_HOST, host)?.and_then(|(address,)| address))
}

/// What an environment has chosen.
///
/// # Errors
/// The database's.
pub async fn of_environment(tx: &mut Tx, id: EnvironmentId) -> sqlx::Result<Option<String>> {
    Ok(fetch_optional!(tx, (Option<String>,), OF_ENVIRONMENT, id)?.and_then(|(address,)| address))
}

/// Chooses for an environment; none: the instance's.
///
/// # Errors
/// The database's.
pub async fn choose(tx: &mut Tx, id: EnvironmentId, address: Option<&str>) -> sqlx::Result<()> {
    execute!(tx, CHOOSE, id, address).map(|_| ())
}

/// How many certificates and environments have chosen an address.
///
/// # Errors
/// The database's.
pub async fn chosen(tx: &mut Tx, address: &str) -> sqlx::Result<i64> {
    Ok(fetch_optional!(tx, (i64,), CHOSEN, address)?.map_or(0, |(count,)| count))
}
