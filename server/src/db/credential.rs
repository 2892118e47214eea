//! Credentials for git and registries, and the pinned ssh host keys of a team.

use super::{Tx, execute, fetch_all, fetch_optional};
use crate::domain::{
    clock::Time,
    credential::{Credential, Kind},
    id::{CredentialId, TeamId},
    name::DisplayName,
};

const INSERT: &str = "INSERT INTO credential (id, team_id, kind, title, host, username, public, sealed, created_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const LIST: &str = "SELECT * FROM credential WHERE team_id = $1 ORDER BY created_at DESC";
const GET: &str = "SELECT * FROM credential WHERE team_id = $1 AND id = $2";
const REMOVE: &str = "DELETE FROM credential WHERE team_id = $1 AND id = $2";
const PIN_HOST: &str = "INSERT INTO host_key (team_id, host, line, created_at) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (team_id, host, line) DO NOTHING";
const HOST_KEYS: &str = "SELECT line FROM host_key WHERE team_id = $1 AND host = $2 ORDER BY line";
const ALL_HOST_KEYS: &str = "SELECT host, line FROM host_key WHERE team_id = $1 ORDER BY host, line";
const FORGET_HOST: &str = "DELETE FROM host_key WHERE team_id = $1 AND host = $2";

pub(super) const QUERIES: &[&str] =
    &[INSERT, LIST, GET, REMOVE, PIN_HOST, HOST_KEYS, ALL_HOST_KEYS, FORGET_HOST];

#[derive(sqlx::FromRow)]
struct Row {
    id: CredentialId,
    team_id: TeamId,
    kind: Kind,
    title: DisplayName,
    host: String,
    username: Option<String>,
    public: Option<String>,
    sealed: Vec<u8>,
    created_at: Time,
}

impl From<Row> for Credential {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            team: row.team_id,
            kind: row.kind,
            title: row.title,
            host: row.host,
            username: row.username,
            public: row.public,
            sealed: row.sealed,
            created_at: row.created_at,
        }
    }
}

/// Stores a credential.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, c: &Credential) -> sqlx::Result<()> {
    execute!(
        tx,
        INSERT,
        c.id,
        c.team,
        c.kind,
        &c.title,
        &c.host,
        &c.username,
        &c.public,
        &c.sealed,
        c.created_at,
    )
    .map(|_| ())
}

/// All credentials of a team, newest first.
///
/// # Errors
/// The database's.
pub async fn list(tx: &mut Tx, team: TeamId) -> sqlx::Result<Vec<Credential>> {
    Ok(fetch_all!(tx, Row, LIST, team)?.into_iter().map(Into::into).collect())
}

/// One credential of a team.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, team: TeamId, id: CredentialId) -> sqlx::Result<Option<Credential>> {
    Ok(fetch_optional!(tx, Row, GET, team, id)?.map(Into::into))
}

/// Removes a credential; whether there was one.
///
/// # Errors
/// The database's.
pub async fn remove(tx: &mut Tx, team: TeamId, id: CredentialId) -> sqlx::Result<bool> {
    Ok(execute!(tx, REMOVE, team, id)? > 0)
}

/// Trusts an ssh host key: one line of known_hosts(5) form.
///
/// # Errors
/// The database's.
pub async fn pin_host(tx: &mut Tx, team: TeamId, host: &str, line: &str, now: Time) -> sqlx::Result<()> {
    execute!(tx, PIN_HOST, team, host, line, now).map(|_| ())
}

/// The trusted keys of an ssh host.
///
/// # Errors
/// The database's.
pub async fn host_keys(tx: &mut Tx, team: TeamId, host: &str) -> sqlx::Result<Vec<String>> {
    Ok(fetch_all!(tx, (String,), HOST_KEYS, team, host)?.into_iter().map(|(line,)| line).collect())
}

/// All trusted keys of a team with their hosts, by host.
///
/// # Errors
/// The database's.
pub async fn all_host_keys(tx: &mut Tx, team: TeamId) -> sqlx::Result<Vec<(String, String)>> {
    fetch_all!(tx, (String, String), ALL_HOST_KEYS, team)
}

/// Trusts no key of an ssh host any more; whether one was trusted.
///
/// # Errors
/// The database's.
pub async fn forget_host(tx: &mut Tx, team: TeamId, host: &str) -> sqlx::Result<bool> {
    Ok(execute!(tx, FORGET_HOST, team, host)? > 0)
}
