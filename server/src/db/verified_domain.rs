//! Domains that teams prove to be theirs.

use super::{Tx, execute, fetch_all, fetch_optional};
use crate::domain::{
    clock::Time,
    domain_name::Hostname,
    id::{TeamId, VerifiedDomainId},
    verified_domain::VerifiedDomain,
};

const INSERT: &str = "INSERT INTO verified_domain (id, team_id, domain, token, verified_at, created_at) \
    VALUES ($1, $2, $3, $4, $5, $6)";
const LIST: &str = "SELECT * FROM verified_domain WHERE team_id = $1 ORDER BY domain";
const GET: &str = "SELECT * FROM verified_domain WHERE team_id = $1 AND id = $2";
const VERIFIED: &str = "UPDATE verified_domain SET verified_at = $3 WHERE team_id = $1 AND id = $2";
const REMOVE: &str = "DELETE FROM verified_domain WHERE team_id = $1 AND id = $2";
const OWNERS: &str = "SELECT team_id FROM verified_domain WHERE domain = $1 AND verified_at IS NOT NULL";

pub(super) const QUERIES: &[&str] = &[INSERT, LIST, GET, VERIFIED, REMOVE, OWNERS];

#[derive(sqlx::FromRow)]
struct Row {
    id: VerifiedDomainId,
    team_id: TeamId,
    domain: Hostname,
    token: String,
    verified_at: Option<Time>,
    created_at: Time,
}

impl From<Row> for VerifiedDomain {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            team: row.team_id,
            domain: row.domain,
            token: row.token,
            verified_at: row.verified_at,
            created_at: row.created_at,
        }
    }
}

/// Begins the proof of a domain.
///
/// # Errors
/// The database's; a duplicate within the team.
pub async fn insert(tx: &mut Tx, v: &VerifiedDomain) -> sqlx::Result<()> {
    execute!(tx, INSERT, v.id, v.team, &v.domain, &v.token, v.verified_at, v.created_at).map(|_| ())
}

/// A team's domains, proved or not, by name.
///
/// # Errors
/// The database's.
pub async fn list(tx: &mut Tx, team: TeamId) -> sqlx::Result<Vec<VerifiedDomain>> {
    Ok(fetch_all!(tx, Row, LIST, team)?.into_iter().map(Into::into).collect())
}

/// One of them.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, team: TeamId, id: VerifiedDomainId) -> sqlx::Result<Option<VerifiedDomain>> {
    Ok(fetch_optional!(tx, Row, GET, team, id)?.map(Into::into))
}

/// The record was found; whether there was such a domain.
///
/// # Errors
/// The database's.
pub async fn verified(tx: &mut Tx, team: TeamId, id: VerifiedDomainId, now: Time) -> sqlx::Result<bool> {
    Ok(execute!(tx, VERIFIED, team, id, now)? > 0)
}

/// Forgets a domain and its proof; whether there was one.
///
/// # Errors
/// The database's.
pub async fn remove(tx: &mut Tx, team: TeamId, id: VerifiedDomainId) -> sqlx::Result<bool> {
    Ok(execute!(tx, REMOVE, team, id)? > 0)
}

/// The teams that have proved exactly this domain to be theirs.
///
/// # Errors
/// The database's.
pub async fn owners(tx: &mut Tx, domain: &str) -> sqlx::Result<Vec<TeamId>> {
    Ok(fetch_all!(tx, (TeamId,), OWNERS, domain)?.into_iter().map(|(team,)| team).collect())
}
