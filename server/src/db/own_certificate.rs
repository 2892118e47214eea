//! Certificates that teams bring along, and the instance's own authority.

use sqlx::types::Json;

use super::{Tx, execute, fetch_all, fetch_optional};
use crate::domain::{
    certificate::OwnCertificate,
    clock::Time,
    host_pattern::HostPattern,
    id::{OwnCertificateId, TeamId},
};

const INSERT: &str = "INSERT INTO own_certificate \
    (id, team_id, names, issuer, chain, sealed_key, not_before, not_after, created_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const LIST: &str = "SELECT * FROM own_certificate WHERE team_id = $1 ORDER BY not_after DESC";
const ALL: &str = "SELECT * FROM own_certificate ORDER BY id";
const GET: &str = "SELECT * FROM own_certificate WHERE team_id = $1 AND id = $2";
const REMOVE: &str = "DELETE FROM own_certificate WHERE team_id = $1 AND id = $2";
const AUTHORITY: &str = "SELECT chain, sealed_key FROM internal_ca WHERE name = 'internal'";
const PUT_AUTHORITY: &str = "INSERT INTO internal_ca (name, chain, sealed_key, created_at) \
    VALUES ('internal', $1, $2, $3) ON CONFLICT (name) DO NOTHING";

pub(super) const QUERIES: &[&str] = &[INSERT, LIST, ALL, GET, REMOVE, AUTHORITY, PUT_AUTHORITY];

#[derive(sqlx::FromRow)]
struct Row {
    id: OwnCertificateId,
    team_id: TeamId,
    names: Json<Vec<String>>,
    issuer: String,
    chain: String,
    sealed_key: Vec<u8>,
    not_before: Time,
    not_after: Time,
    created_at: Time,
}

impl From<Row> for OwnCertificate {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            team: row.team_id,
            names: row.names.0.iter().filter_map(|name| HostPattern::any(name).ok()).collect(),
            issuer: row.issuer,
            chain: row.chain,
            sealed_key: row.sealed_key,
            not_before: row.not_before,
            not_after: row.not_after,
            created_at: row.created_at,
        }
    }
}

/// Keeps a certificate.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, c: &OwnCertificate) -> sqlx::Result<()> {
    execute!(
        tx,
        INSERT,
        c.id,
        c.team,
        Json(&c.names),
        &c.issuer,
        &c.chain,
        &c.sealed_key,
        c.not_before,
        c.not_after,
        c.created_at
    )
    .map(|_| ())
}

/// A team's certificates, the one that lasts longest first.
///
/// # Errors
/// The database's.
pub async fn list(tx: &mut Tx, team: TeamId) -> sqlx::Result<Vec<OwnCertificate>> {
    Ok(fetch_all!(tx, Row, LIST, team)?.into_iter().map(Into::into).collect())
}

/// Those of all teams: for the edge.
///
/// # Errors
/// The database's.
pub async fn all(tx: &mut Tx) -> sqlx::Result<Vec<OwnCertificate>> {
    Ok(fetch_all!(tx, Row, ALL)?.into_iter().map(Into::into).collect())
}

/// One of a team's.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, team: TeamId, id: OwnCertificateId) -> sqlx::Result<Option<OwnCertificate>> {
    Ok(fetch_optional!(tx, Row, GET, team, id)?.map(Into::into))
}

/// Removes a certificate; whether there was one.
///
/// # Errors
/// The database's.
pub async fn remove(tx: &mut Tx, team: TeamId, id: OwnCertificateId) -> sqlx::Result<bool> {
    Ok(execute!(tx, REMOVE, team, id)? > 0)
}

/// The instance's own authority: its certificate (PEM) and its sealed key.
///
/// # Errors
/// The database's.
pub async fn authority(tx: &mut Tx) -> sqlx::Result<Option<(String, Vec<u8>)>> {
    fetch_optional!(tx, (String, Vec<u8>), AUTHORITY)
}

/// Keeps the authority that was made first.
///
/// # Errors
/// The database's.
pub async fn put_authority(tx: &mut Tx, chain: &str, sealed_key: &[u8], now: Time) -> sqlx::Result<()> {
    execute!(tx, PUT_AUTHORITY, chain, sealed_key, now).map(|_| ())
}
