//! Apps. The team is part of every query but those of the machinery itself.

use sqlx::types::Json;

use super::{Tx, execute, fetch_all, fetch_optional};
use crate::domain::{
    app::{App, Build, Settings, Source, Wanted},
    clock::Time,
    id::{AppId, EnvironmentId, ProjectId, TeamId, WebhookId},
    name::Slug,
};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, p.team_id, a.environment_id, a.name, a.stack, a.source, a.build, a.settings, \
             a.generation, a.configured, a.wanted, a.auto_deploy, a.created_at, a.updated_at FROM app a \
             JOIN environment e ON e.id = a.environment_id JOIN project p ON p.id = e.project_id ",
            $rest
        )
    };
}

const INSERT: &str = "INSERT INTO app (id, environment_id, name, stack, source, build, settings, generation, configured, \
    wanted, auto_deploy, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
const LIST: &str = select!("WHERE p.team_id = $1 ORDER BY a.name");
const LIST_IN: &str = select!("WHERE p.team_id = $1 AND (p.id = $2 OR $2 IS NULL) ORDER BY a.name");
const SOURCES: &str = "SELECT a.source FROM app a JOIN environment e ON e.id = a.environment_id \
    JOIN project p ON p.id = e.project_id WHERE p.team_id = $1";
const GET: &str = select!("WHERE p.team_id = $1 AND a.id = $2");
const LOAD: &str = select!("WHERE a.id = $1");
const LOAD_FOR_NEW: &str = select!(
    "WHERE a.id = $1 AND NOT EXISTS (SELECT 1 FROM delivery WHERE webhook_id = $2 AND provider_id = $3)"
);
const ALL: &str = select!("ORDER BY a.id");
const STANDS: &str = "SELECT id, stack, wanted FROM app";
const STACK_TAKEN: &str = "SELECT count(*) FROM app WHERE stack = $1";
const UPDATE: &str = "UPDATE app SET source = $2, build = $3, settings = $4, generation = generation + 1, \
    configured = generation + 1, auto_deploy = $5, updated_at = $6 WHERE id = $1 AND generation = $7";
const SCALE: &str = "UPDATE app SET settings = $2, generation = generation + 1, updated_at = $3 \
    WHERE id = $1 AND generation = $4";
const WANT: &str = "UPDATE app SET wanted = $2, updated_at = $3 WHERE id = $1 AND wanted <> 'removed'";
const TOUCH: &str = "UPDATE app SET generation = generation + 1, configured = generation + 1, updated_at = $2 \
    WHERE id = $1";
const LOCK: &str = "UPDATE app SET updated_at = updated_at WHERE id = $1";
const REMOVE: &str = "DELETE FROM app WHERE id = $1";
const VOLUME_NODE: &str = "SELECT volume_node FROM app WHERE id = $1";
const PIN: &str = "UPDATE app SET volume_node = $2 WHERE id = $1 AND volume_node IS NULL";

pub(super) const QUERIES: &[&str] = &[
    INSERT,
    LIST,
    LIST_IN,
    SOURCES,
    GET,
    LOAD,
    LOAD_FOR_NEW,
    ALL,
    STANDS,
    STACK_TAKEN,
    UPDATE,
    SCALE,
    WANT,
    TOUCH,
    LOCK,
    REMOVE,
    VOLUME_NODE,
    PIN,
];

#[derive(sqlx::FromRow)]
struct Row {
    id: AppId,
    team_id: TeamId,
    environment_id: EnvironmentId,
    name: Slug,
    stack: String,
    source: Json<Source>,
    build: Json<Build>,
    settings: Json<Settings>,
    generation: i64,
    configured: i64,
    wanted: Wanted,
    auto_deploy: bool,
    created_at: Time,
    updated_at: Time,
}

impl From<Row> for App {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            team: row.team_id,
            environment: row.environment_id,
            name: row.name,
            stack: row.stack,
            source: row.source.0,
            build: row.build.0,
            settings: row.settings.0,
            generation: row.generation,
            configured: row.configured,
            wanted: row.wanted,
            auto_deploy: row.auto_deploy,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// Makes an app; its environment's team was checked by the caller.
///
/// # Errors
/// The database's; a duplicate name within the environment.
pub async fn insert(tx: &mut Tx, app: &App) -> sqlx::Result<()> {
    execute!(
        tx,
        INSERT,
        app.id,
        app.environment,
        &app.name,
        &app.stack,
        Json(&app.source),
        Json(&app.build),
        Json(&app.settings),
        app.generation,
        app.configured,
        app.wanted,
        app.auto_deploy,
        app.created_at,
        app.updated_at,
    )
    .map(|_| ())
}

/// All apps of a team, by name.
///
/// # Errors
/// The database's.
pub async fn list(tx: &mut Tx, team: TeamId) -> sqlx::Result<Vec<App>> {
    Ok(fetch_all!(tx, Row, LIST, team)?.into_iter().map(Into::into).collect())
}

/// The apps of a team, or of one of its projects, by name.
///
/// # Errors
/// The database's.
pub async fn list_in(tx: &mut Tx, team: TeamId, project: Option<ProjectId>) -> sqlx::Result<Vec<App>> {
    Ok(fetch_all!(tx, Row, LIST_IN, team, project)?.into_iter().map(Into::into).collect())
}

/// Where the apps of a team come from.
///
/// # Errors
/// The database's.
pub async fn sources(tx: &mut Tx, team: TeamId) -> sqlx::Result<Vec<Source>> {
    let rows = fetch_all!(tx, (Json<Source>,), SOURCES, team)?;
    Ok(rows.into_iter().map(|(source,)| source.0).collect())
}

/// One app of a team.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, team: TeamId, id: AppId) -> sqlx::Result<Option<App>> {
    Ok(fetch_optional!(tx, Row, GET, team, id)?.map(Into::into))
}

/// An app, whoever owns it: for the machinery, never for a request.
///
/// # Errors
/// The database's.
pub async fn load(tx: &mut Tx, id: AppId) -> sqlx::Result<Option<App>> {
    Ok(fetch_optional!(tx, Row, LOAD, id)?.map(Into::into))
}

/// The app of a webhook, unless the delivery with the sender's id was there already.
///
/// # Errors
/// The database's.
pub async fn load_for_new(
    tx: &mut Tx,
    id: AppId,
    webhook: WebhookId,
    provider_id: &str,
) -> sqlx::Result<Option<App>> {
    Ok(fetch_optional!(tx, Row, LOAD_FOR_NEW, id, webhook, provider_id)?.map(Into::into))
}

/// Every app: for the machinery.
///
/// # Errors
/// The database's.
pub async fn all(tx: &mut Tx) -> sqlx::Result<Vec<App>> {
    Ok(fetch_all!(tx, Row, ALL)?.into_iter().map(Into::into).collect())
}

/// What the edge needs to know of an app, each second.
#[derive(Debug, sqlx::FromRow)]
pub struct Stand {
    /// Which.
    pub id: AppId,
    /// What its services are called by.
    pub stack: String,
    /// Whether it should run.
    pub wanted: Wanted,
}

/// How every app stands: for the machinery.
///
/// # Errors
/// The database's.
pub async fn stands(tx: &mut Tx) -> sqlx::Result<Vec<Stand>> {
    fetch_all!(tx, Stand, STANDS)
}

/// Whether a stack of that name exists.
///
/// # Errors
/// The database's.
pub async fn stack_taken(tx: &mut Tx, stack: &str) -> sqlx::Result<bool> {
    Ok(fetch_optional!(tx, (i64,), STACK_TAKEN, stack)?.is_some_and(|(count,)| count > 0))
}

/// Writes source, build, settings and auto-deploy, if the generation is still `app.generation`.
///
/// # Errors
/// The database's.
pub async fn update(tx: &mut Tx, app: &App, now: Time) -> sqlx::Result<bool> {
    let rows = execute!(
        tx,
        UPDATE,
        app.id,
        Json(&app.source),
        Json(&app.build),
        Json(&app.settings),
        app.auto_deploy,
        now,
        app.generation,
    )?;
    Ok(rows > 0)
}

/// Writes settings that take effect without a deployment, if the generation is still
/// `app.generation`.
///
/// # Errors
/// The database's.
pub async fn scale(tx: &mut Tx, app: &App, now: Time) -> sqlx::Result<bool> {
    Ok(execute!(tx, SCALE, app.id, Json(&app.settings), now, app.generation)? > 0)
}

/// Says whether an app should run. A removed one stays removed.
///
/// # Errors
/// The database's.
pub async fn want(tx: &mut Tx, id: AppId, wanted: Wanted, now: Time) -> sqlx::Result<bool> {
    Ok(execute!(tx, WANT, id, wanted, now)? > 0)
}

/// Counts the generation up: something that belongs to the app changed.
///
/// # Errors
/// The database's.
pub async fn touch(tx: &mut Tx, id: AppId, now: Time) -> sqlx::Result<()> {
    execute!(tx, TOUCH, id, now).map(|_| ())
}

/// Serialises all writers of an app until this transaction ends. SQLite has one writer anyway.
///
/// # Errors
/// The database's.
pub async fn lock(tx: &mut Tx, id: AppId) -> sqlx::Result<()> {
    match tx {
        Tx::Sqlite(_) => Ok(()),
        tx @ Tx::Postgres(_) => execute!(tx, LOCK, id).map(drop),
    }
}

/// Removes the row and all that hangs on it.
///
/// # Errors
/// The database's.
pub async fn remove(tx: &mut Tx, id: AppId) -> sqlx::Result<()> {
    execute!(tx, REMOVE, id).map(|_| ())
}

/// The node where the app's volumes are, once known.
///
/// # Errors
/// The database's.
pub async fn volume_node(tx: &mut Tx, id: AppId) -> sqlx::Result<Option<String>> {
    Ok(fetch_optional!(tx, (Option<String>,), VOLUME_NODE, id)?.and_then(|(node,)| node))
}

/// Records where the app's volumes are; the first record stays.
///
/// # Errors
/// The database's.
pub async fn pin(tx: &mut Tx, id: AppId, node: &str) -> sqlx::Result<()> {
    execute!(tx, PIN, id, node).map(|_| ())
}
