//! Credentials for git and registries. Each belongs to a place of its team, and what looks one up for
//! an app asks for those around its environment, nearest first.

use super::{
    Tx, execute, fetch_all, fetch_optional,
    team::{place_parts, stored_place},
};
use crate::domain::{
    clock::Time,
    credential::{Credential, Kind},
    id::{CredentialId, EnvironmentId, ProjectId, TeamId},
    name::DisplayName,
    right::Place,
};

const INSERT: &str = "INSERT INTO credential \
    (id, team_id, place, place_id, kind, title, host, username, public, sealed, created_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const LIST: &str = "SELECT * FROM credential WHERE team_id = $1 ORDER BY created_at DESC";
const AROUND: &str = "SELECT c.* FROM credential c JOIN environment e ON e.id = $2 \
    WHERE c.team_id = $1 AND (c.place = 'team' OR (c.place = 'project' AND c.place_id = e.project_id) \
    OR (c.place = 'environment' AND c.place_id = e.id)) \
    ORDER BY CASE c.place WHEN 'environment' THEN 0 WHEN 'project' THEN 1 ELSE 2 END, c.created_at DESC";
const GET: &str = "SELECT * FROM credential WHERE team_id = $1 AND id = $2";
const REMOVE: &str = "DELETE FROM credential WHERE team_id = $1 AND id = $2";
const FORGET_PLACE: &str = "DELETE FROM credential WHERE place = $1 AND place_id = $2";
const GIVE_TO: &str = "UPDATE credential SET team_id = $3 WHERE team_id = $1 \
    AND ((place = 'project' AND place_id = $2) OR (place = 'environment' \
    AND place_id IN (SELECT id FROM environment WHERE project_id = $2)))";

pub(super) const QUERIES: &[&str] = &[INSERT, LIST, AROUND, GET, REMOVE, FORGET_PLACE, GIVE_TO];

#[derive(sqlx::FromRow)]
struct Row {
    id: CredentialId,
    team_id: TeamId,
    place: String,
    place_id: uuid::Uuid,
    kind: Kind,
    title: DisplayName,
    host: String,
    username: Option<String>,
    public: Option<String>,
    sealed: Vec<u8>,
    created_at: Time,
}

impl Row {
    /// A place that nobody knows any more is nobody's: the credential is not there.
    fn credential(self) -> Option<Credential> {
        Some(Credential {
            place: stored_place(&self.place, self.place_id)?,
            id: self.id,
            team: self.team_id,
            kind: self.kind,
            title: self.title,
            host: self.host,
            username: self.username,
            public: self.public,
            sealed: self.sealed,
            created_at: self.created_at,
        })
    }
}

/// Stores a credential.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, c: &Credential) -> sqlx::Result<()> {
    let (place, place_id) = place_parts(c.team, c.place);
    execute!(
        tx,
        INSERT,
        c.id,
        c.team,
        place,
        place_id,
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

/// All credentials of a team and of its places, newest first.
///
/// # Errors
/// The database's.
pub async fn list(tx: &mut Tx, team: TeamId) -> sqlx::Result<Vec<Credential>> {
    Ok(fetch_all!(tx, Row, LIST, team)?.into_iter().filter_map(Row::credential).collect())
}

/// Those that apps of an environment may use: its own, its project's and the team's, in this order,
/// newest first within each.
///
/// # Errors
/// The database's.
pub async fn around(tx: &mut Tx, team: TeamId, environment: EnvironmentId) -> sqlx::Result<Vec<Credential>> {
    Ok(fetch_all!(tx, Row, AROUND, team, environment)?.into_iter().filter_map(Row::credential).collect())
}

/// One credential of a team, wherever in it.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, team: TeamId, id: CredentialId) -> sqlx::Result<Option<Credential>> {
    Ok(fetch_optional!(tx, Row, GET, team, id)?.and_then(Row::credential))
}

/// Removes a credential; whether there was one.
///
/// # Errors
/// The database's.
pub async fn remove(tx: &mut Tx, team: TeamId, id: CredentialId) -> sqlx::Result<bool> {
    Ok(execute!(tx, REMOVE, team, id)? > 0)
}

/// Removes a place's own credentials: it is gone. How many there were.
///
/// # Errors
/// The database's.
pub async fn forget_place(tx: &mut Tx, place: Place) -> sqlx::Result<u64> {
    let (kind, Some(id)) = place.parts() else { return Ok(0) };
    execute!(tx, FORGET_PLACE, kind, id)
}

/// Takes the credentials of a project and of its environments along to another team.
///
/// # Errors
/// The database's.
pub async fn give_to(tx: &mut Tx, team: TeamId, project: ProjectId, to: TeamId) -> sqlx::Result<()> {
    execute!(tx, GIVE_TO, team, project, to).map(|_| ())
}
