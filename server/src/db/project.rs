//! Projects and environments. The team is part of every query.

use super::{Tx, execute, fetch_all, fetch_optional};
use crate::domain::{
    clock::Time,
    id::{EnvironmentId, ProjectId, TeamId},
    name::{DisplayName, Slug},
    project::{Environment, Project},
};

const INSERT: &str = "INSERT INTO project (id, team_id, name, title, created_at) VALUES ($1, $2, $3, $4, $5)";
const LIST: &str = "SELECT * FROM project WHERE team_id = $1 ORDER BY name";
const GET: &str = "SELECT * FROM project WHERE team_id = $1 AND id = $2";
const BY_NAME: &str = "SELECT * FROM project WHERE team_id = $1 AND name = $2";
const GIVE_TO: &str = "UPDATE project SET team_id = $3 WHERE team_id = $1 AND id = $2";
const REMOVE: &str = "DELETE FROM project WHERE team_id = $1 AND id = $2";
const INSERT_ENVIRONMENT: &str =
    "INSERT INTO environment (id, project_id, name, created_at) VALUES ($1, $2, $3, $4)";
const ENVIRONMENTS: &str = "SELECT e.id, e.project_id, e.name, e.created_at FROM environment e \
    JOIN project p ON p.id = e.project_id WHERE p.team_id = $1 ORDER BY e.created_at";
const ENVIRONMENT: &str = "SELECT e.id, e.project_id, e.name, e.created_at FROM environment e \
    JOIN project p ON p.id = e.project_id WHERE p.team_id = $1 AND e.id = $2";
const REMOVE_ENVIRONMENT: &str = "DELETE FROM environment WHERE id = $2 \
    AND project_id IN (SELECT id FROM project WHERE team_id = $1)";

pub(super) const QUERIES: &[&str] = &[
    INSERT,
    LIST,
    GET,
    BY_NAME,
    GIVE_TO,
    REMOVE,
    INSERT_ENVIRONMENT,
    ENVIRONMENTS,
    ENVIRONMENT,
    REMOVE_ENVIRONMENT,
];

#[derive(sqlx::FromRow)]
struct ProjectRow {
    id: ProjectId,
    team_id: TeamId,
    name: Slug,
    title: DisplayName,
    created_at: Time,
}

impl From<ProjectRow> for Project {
    fn from(row: ProjectRow) -> Self {
        Self { id: row.id, team: row.team_id, name: row.name, title: row.title, created_at: row.created_at }
    }
}

#[derive(sqlx::FromRow)]
struct EnvironmentRow {
    id: EnvironmentId,
    project_id: ProjectId,
    name: Slug,
    created_at: Time,
}

impl From<EnvironmentRow> for Environment {
    fn from(row: EnvironmentRow) -> Self {
        Self { id: row.id, project: row.project_id, name: row.name, created_at: row.created_at }
    }
}

/// Makes a project.
///
/// # Errors
/// The database's; a duplicate name within the team.
pub async fn insert(tx: &mut Tx, project: &Project) -> sqlx::Result<()> {
    execute!(tx, INSERT, project.id, project.team, &project.name, &project.title, project.created_at)
        .map(|_| ())
}

/// All projects of a team, by name.
///
/// # Errors
/// The database's.
pub async fn list(tx: &mut Tx, team: TeamId) -> sqlx::Result<Vec<Project>> {
    Ok(fetch_all!(tx, ProjectRow, LIST, team)?.into_iter().map(Into::into).collect())
}

/// One project of a team.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, team: TeamId, id: ProjectId) -> sqlx::Result<Option<Project>> {
    Ok(fetch_optional!(tx, ProjectRow, GET, team, id)?.map(Into::into))
}

/// The project of that name.
///
/// # Errors
/// The database's.
pub async fn by_name(tx: &mut Tx, team: TeamId, name: &Slug) -> sqlx::Result<Option<Project>> {
    Ok(fetch_optional!(tx, ProjectRow, BY_NAME, team, name)?.map(Into::into))
}

/// Makes a project another team's.
///
/// # Errors
/// The database's; a duplicate name within the other team.
pub async fn give_to(tx: &mut Tx, team: TeamId, id: ProjectId, to: TeamId) -> sqlx::Result<bool> {
    Ok(execute!(tx, GIVE_TO, team, id, to)? > 0)
}

/// Removes a project with its environments; refused by the database while apps are left.
///
/// # Errors
/// The database's.
pub async fn remove(tx: &mut Tx, team: TeamId, id: ProjectId) -> sqlx::Result<bool> {
    Ok(execute!(tx, REMOVE, team, id)? > 0)
}

/// Makes an environment; its project's team was checked by the caller.
///
/// # Errors
/// The database's; a duplicate name within the project.
pub async fn insert_environment(tx: &mut Tx, e: &Environment) -> sqlx::Result<()> {
    execute!(tx, INSERT_ENVIRONMENT, e.id, e.project, &e.name, e.created_at).map(|_| ())
}

/// All environments of a team, oldest first.
///
/// # Errors
/// The database's.
pub async fn environments(tx: &mut Tx, team: TeamId) -> sqlx::Result<Vec<Environment>> {
    Ok(fetch_all!(tx, EnvironmentRow, ENVIRONMENTS, team)?.into_iter().map(Into::into).collect())
}

/// One environment of a team.
///
/// # Errors
/// The database's.
pub async fn environment(tx: &mut Tx, team: TeamId, id: EnvironmentId) -> sqlx::Result<Option<Environment>> {
    Ok(fetch_optional!(tx, EnvironmentRow, ENVIRONMENT, team, id)?.map(Into::into))
}

/// Removes an environment; refused by the database while apps are left.
///
/// # Errors
/// The database's.
pub async fn remove_environment(tx: &mut Tx, team: TeamId, id: EnvironmentId) -> sqlx::Result<bool> {
    Ok(execute!(tx, REMOVE_ENVIRONMENT, team, id)? > 0)
}
