//! The trusted keys of ssh hosts. They belong to a place of the team, as credentials do; of the places
//! around an environment the nearest that trusts any key of a host decides alone.

use super::{
    Tx, execute, fetch_all,
    team::{place_parts, stored_place},
};
use crate::domain::{
    clock::Time,
    id::{EnvironmentId, ProjectId, TeamId},
    right::Place,
};

const PIN: &str = "INSERT INTO host_key (team_id, place, place_id, host, line, created_at) \
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (team_id, place, place_id, host, line) DO NOTHING";
const LIST: &str =
    "SELECT place, place_id, host, line FROM host_key WHERE team_id = $1 ORDER BY host, place, line";
const AROUND: &str = "SELECT h.place, h.place_id, h.host, h.line FROM host_key h JOIN environment e ON e.id = $2 \
    WHERE h.team_id = $1 AND h.host = $3 AND (h.place = 'team' OR (h.place = 'project' AND h.place_id = e.project_id) \
    OR (h.place = 'environment' AND h.place_id = e.id)) \
    ORDER BY CASE h.place WHEN 'environment' THEN 0 WHEN 'project' THEN 1 ELSE 2 END, h.line";
const FORGET: &str = "DELETE FROM host_key WHERE team_id = $1 AND place = $2 AND place_id = $3 AND host = $4";
const FORGET_PLACE: &str = "DELETE FROM host_key WHERE place = $1 AND place_id = $2";
const GIVE_TO: &str = "UPDATE host_key SET team_id = $3 WHERE team_id = $1 \
    AND ((place = 'project' AND place_id = $2) OR (place = 'environment' \
    AND place_id IN (SELECT id FROM environment WHERE project_id = $2)))";
const FORGET_TEAM: &str = "DELETE FROM host_key WHERE team_id = $1";

pub(super) const QUERIES: &[&str] = &[PIN, LIST, AROUND, FORGET, FORGET_PLACE, GIVE_TO, FORGET_TEAM];

/// A trusted key as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pinned {
    /// Where it is trusted: there and below.
    pub place: Place,
    /// The host, without a port.
    pub host: String,
    /// One line of known_hosts(5).
    pub line: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    place: String,
    place_id: uuid::Uuid,
    host: String,
    line: String,
}

impl Row {
    fn pinned(self) -> Option<Pinned> {
        Some(Pinned { place: stored_place(&self.place, self.place_id)?, host: self.host, line: self.line })
    }
}

/// Trusts an ssh host key at a place: one line of known_hosts(5) form.
///
/// # Errors
/// The database's.
pub async fn pin(tx: &mut Tx, team: TeamId, pinned: &Pinned, now: Time) -> sqlx::Result<()> {
    let (place, place_id) = place_parts(team, pinned.place);
    execute!(tx, PIN, team, place, place_id, &pinned.host, &pinned.line, now).map(|_| ())
}

/// All trusted keys of a team and of its places, by host.
///
/// # Errors
/// The database's.
pub async fn list(tx: &mut Tx, team: TeamId) -> sqlx::Result<Vec<Pinned>> {
    Ok(fetch_all!(tx, Row, LIST, team)?.into_iter().filter_map(Row::pinned).collect())
}

/// The keys that apps of an environment trust for a host: those of the nearest place that has any.
///
/// # Errors
/// The database's.
pub async fn around(
    tx: &mut Tx,
    team: TeamId,
    environment: EnvironmentId,
    host: &str,
) -> sqlx::Result<Vec<String>> {
    let found = fetch_all!(tx, Row, AROUND, team, environment, host)?;
    let nearest = found.first().map(|row| row.place.clone());
    Ok(found.into_iter().filter(|row| Some(&row.place) == nearest.as_ref()).map(|row| row.line).collect())
}

/// Trusts no key of an ssh host at a place any more; whether one was trusted there.
///
/// # Errors
/// The database's.
pub async fn forget(tx: &mut Tx, team: TeamId, place: Place, host: &str) -> sqlx::Result<bool> {
    let (place, place_id) = place_parts(team, place);
    Ok(execute!(tx, FORGET, team, place, place_id, host)? > 0)
}

/// Forgets what a place trusts: it is gone.
///
/// # Errors
/// The database's.
pub async fn forget_place(tx: &mut Tx, place: Place) -> sqlx::Result<()> {
    let (kind, Some(id)) = place.parts() else { return Ok(()) };
    execute!(tx, FORGET_PLACE, kind, id).map(|_| ())
}

/// Takes along to another team what a project and its environments trust.
///
/// # Errors
/// The database's.
pub async fn give_to(tx: &mut Tx, team: TeamId, project: ProjectId, to: TeamId) -> sqlx::Result<()> {
    execute!(tx, GIVE_TO, team, project, to).map(|_| ())
}

/// Forgets all that a team trusts.
///
/// # Errors
/// The database's.
pub async fn forget_team(tx: &mut Tx, team: TeamId) -> sqlx::Result<()> {
    execute!(tx, FORGET_TEAM, team).map(|_| ())
}
