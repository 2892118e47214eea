//! Deployments. What a worker writes is fenced: it names the state that it believes in.

use std::collections::BTreeSet;

use sqlx::types::Json;

use super::{Tx, execute, fetch_all, fetch_optional, later};
use crate::domain::{
    clock::Time,
    deployment::{Cause, Deployment, Failure, State},
    id::{AppId, DeploymentId, ProjectId, TeamId},
    name::Sha,
};

const INSERT: &str = "INSERT INTO deployment (id, app_id, number, generation, state, cause, reason, commit_sha, title, \
    author, failure, cancel, created_at, started_at, finished_at, services, approvals) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
const NEXT_NUMBER: &str = "SELECT COALESCE(max(number), 0) + 1 FROM deployment WHERE app_id = $1";
const GET: &str = "SELECT * FROM deployment WHERE id = $1";
const OF_TEAM: &str = "SELECT d.* FROM deployment d JOIN app a ON a.id = d.app_id \
    JOIN environment e ON e.id = a.environment_id JOIN project p ON p.id = e.project_id \
    WHERE p.team_id = $1 AND d.id = $2";
const OF_APP: &str =
    "SELECT * FROM deployment WHERE app_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3";
// The newest is looked up by app, so that its cost grows with apps and not with deployments.
const NEWEST: &str = "SELECT d.* FROM project p JOIN environment e ON e.project_id = p.id \
    JOIN app a ON a.environment_id = e.id JOIN deployment d ON d.app_id = a.id \
    AND d.number = (SELECT max(n.number) FROM deployment n WHERE n.app_id = a.id) \
    WHERE p.team_id = $1 AND (p.id = $2 OR $2 IS NULL)";
const LIVE: &str = "SELECT d.app_id, d.generation FROM project p JOIN environment e ON e.project_id = p.id \
    JOIN app a ON a.environment_id = e.id JOIN deployment d ON d.app_id = a.id AND d.state = 'live' \
    WHERE p.team_id = $1 AND (p.id = $2 OR $2 IS NULL)";
const OPEN_OF_TEAM: &str = "SELECT d.* FROM deployment d JOIN app a ON a.id = d.app_id \
    JOIN environment e ON e.id = a.environment_id JOIN project p ON p.id = e.project_id \
    WHERE d.finished_at IS NULL AND p.team_id = $1 ORDER BY d.created_at DESC LIMIT $2";
// CROSS JOIN makes SQLite begin with the deployments, in the order of their index, and stop soon.
const ENDED_OF_TEAM: &str = "SELECT d.* FROM deployment d CROSS JOIN app a CROSS JOIN environment e \
    CROSS JOIN project p WHERE a.id = d.app_id AND e.id = a.environment_id AND p.id = e.project_id \
    AND d.finished_at IS NOT NULL AND p.team_id = $1 ORDER BY d.finished_at DESC LIMIT $2";
const COUNT_OF_APP: &str = "SELECT count(*) FROM deployment WHERE app_id = $1";
const COUNT: &str = "SELECT state, count(*) FROM deployment GROUP BY state";
const OPEN: &str =
    "SELECT * FROM deployment WHERE finished_at IS NULL AND state <> 'awaiting_approval' ORDER BY created_at";
const AWAITED_SINCE: &str =
    "SELECT * FROM deployment WHERE state = 'awaiting_approval' AND created_at <= $1 ORDER BY created_at";
// The states are part of the texts: SQLite prepares a text anew at each use if the choice of an index
// hangs on an argument.
const WAITING: &str = "SELECT * FROM deployment WHERE app_id = $1 AND state = 'queued'";
// Each half has its own index; one way to the connection's thread and back for both.
const UNSTARTED: &str = "SELECT * FROM deployment WHERE app_id = $1 AND state = 'awaiting_approval' \
    UNION ALL SELECT * FROM deployment WHERE app_id = $1 AND state = 'queued'";
const LIVING: &str = "SELECT * FROM deployment WHERE app_id = $1 AND state = 'live'";
const SAVE: &str = "UPDATE deployment SET state = $3, commit_sha = $4, title = $5, author = $6, failure = $7, \
    started_at = $8, finished_at = $9 WHERE id = $1 AND state = $2";
const CANCEL: &str = "UPDATE deployment SET cancel = $2 WHERE id = $1 AND finished_at IS NULL";
const CANCELLED: &str = "SELECT cancel FROM deployment WHERE id = $1";
const LAST_OF_COMMIT: &str = "SELECT * FROM deployment WHERE app_id = $1 AND commit_sha = $2 AND services IS NULL ORDER BY number DESC LIMIT 1";
const OF_GENERATION: &str = "UPDATE deployment SET generation = $2 WHERE id = $1";

pub(super) const QUERIES: &[&str] = &[
    INSERT,
    NEXT_NUMBER,
    GET,
    OF_TEAM,
    OF_APP,
    NEWEST,
    LIVE,
    OPEN_OF_TEAM,
    ENDED_OF_TEAM,
    COUNT_OF_APP,
    COUNT,
    OPEN,
    AWAITED_SINCE,
    WAITING,
    UNSTARTED,
    LIVING,
    SAVE,
    CANCEL,
    CANCELLED,
    LAST_OF_COMMIT,
    OF_GENERATION,
];

macro_rules! save {
    ($how:ident, $tx:expr, $from:expr, $d:expr) => {
        $how!(
            $tx,
            SAVE,
            $d.id,
            $from,
            $d.state,
            &$d.commit,
            &$d.title,
            &$d.author,
            $d.failure.as_ref().map(Json),
            $d.started_at,
            $d.finished_at,
        )
    };
}

#[derive(sqlx::FromRow)]
struct Row {
    id: DeploymentId,
    app_id: AppId,
    number: i64,
    generation: i64,
    state: State,
    cause: Json<Cause>,
    reason: Option<String>,
    commit_sha: Option<Sha>,
    title: Option<String>,
    author: Option<String>,
    failure: Option<Json<Failure>>,
    cancel: bool,
    created_at: Time,
    started_at: Option<Time>,
    finished_at: Option<Time>,
    services: Option<Json<BTreeSet<String>>>,
    approvals: i64,
}

impl From<Row> for Deployment {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            app: row.app_id,
            number: row.number,
            generation: row.generation,
            state: row.state,
            cause: row.cause.0,
            reason: row.reason,
            commit: row.commit_sha,
            title: row.title,
            author: row.author,
            failure: row.failure.map(|f| f.0),
            cancel: row.cancel,
            created_at: row.created_at,
            started_at: row.started_at,
            finished_at: row.finished_at,
            services: row.services.map(|services| services.0).unwrap_or_default(),
            approvals: row.approvals,
        }
    }
}

/// Makes a deployment. The database refuses a second waiting one of the same app.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, d: &Deployment) -> sqlx::Result<()> {
    later!(
        tx,
        INSERT,
        d.id,
        d.app,
        d.number,
        d.generation,
        d.state,
        Json(&d.cause),
        &d.reason,
        &d.commit,
        &d.title,
        &d.author,
        d.failure.as_ref().map(Json),
        d.cancel,
        d.created_at,
        d.started_at,
        d.finished_at,
        (!d.whole()).then_some(Json(&d.services)),
        d.approvals,
    )
}

/// The number for an app's next deployment; the caller holds the app's lock.
///
/// # Errors
/// The database's.
pub async fn next_number(tx: &mut Tx, app: AppId) -> sqlx::Result<i64> {
    Ok(fetch_optional!(tx, (i64,), NEXT_NUMBER, app)?.map_or(1, |(number,)| number))
}

/// A deployment, whoever owns it: for the machinery.
///
/// # Errors
/// The database's.
pub async fn load(tx: &mut Tx, id: DeploymentId) -> sqlx::Result<Option<Deployment>> {
    Ok(fetch_optional!(tx, Row, GET, id)?.map(Into::into))
}

/// One deployment of a team.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, team: TeamId, id: DeploymentId) -> sqlx::Result<Option<Deployment>> {
    Ok(fetch_optional!(tx, Row, OF_TEAM, team, id)?.map(Into::into))
}

/// An app's deployments below number `before`, newest first; the app's team was checked.
///
/// # Errors
/// The database's.
pub async fn of_app(tx: &mut Tx, app: AppId, before: i64, limit: i64) -> sqlx::Result<Vec<Deployment>> {
    Ok(fetch_all!(tx, Row, OF_APP, app, before, limit)?.into_iter().map(Into::into).collect())
}

/// The newest deployment of each app of a team, or of one of its projects.
///
/// # Errors
/// The database's.
pub async fn newest(tx: &mut Tx, team: TeamId, project: Option<ProjectId>) -> sqlx::Result<Vec<Deployment>> {
    Ok(fetch_all!(tx, Row, NEWEST, team, project)?.into_iter().map(Into::into).collect())
}

/// How many there are in each state.
///
/// # Errors
/// The database's.
pub async fn count(tx: &mut Tx) -> sqlx::Result<Vec<(String, i64)>> {
    fetch_all!(tx, (String, i64), COUNT)
}

/// The apps of a team, or of one of its projects, that serve, each with the generation that does.
///
/// # Errors
/// The database's.
pub async fn live(tx: &mut Tx, team: TeamId, project: Option<ProjectId>) -> sqlx::Result<Vec<(AppId, i64)>> {
    fetch_all!(tx, (AppId, i64), LIVE, team, project)
}

/// A team's deployments that have not ended, newest first.
///
/// # Errors
/// The database's.
pub async fn open_of_team(tx: &mut Tx, team: TeamId, limit: i64) -> sqlx::Result<Vec<Deployment>> {
    Ok(fetch_all!(tx, Row, OPEN_OF_TEAM, team, limit)?.into_iter().map(Into::into).collect())
}

/// A team's deployments that have ended, the last one first.
///
/// # Errors
/// The database's.
pub async fn ended_of_team(tx: &mut Tx, team: TeamId, limit: i64) -> sqlx::Result<Vec<Deployment>> {
    Ok(fetch_all!(tx, Row, ENDED_OF_TEAM, team, limit)?.into_iter().map(Into::into).collect())
}

/// How many deployments an app has had; the app's team was checked.
///
/// # Errors
/// The database's.
pub async fn count_of_app(tx: &mut Tx, app: AppId) -> sqlx::Result<i64> {
    Ok(fetch_optional!(tx, (i64,), COUNT_OF_APP, app)?.map_or(0, |(count,)| count))
}

/// All that have a job, and have not ended, oldest first: for the machinery.
///
/// # Errors
/// The database's.
pub async fn open(tx: &mut Tx) -> sqlx::Result<Vec<Deployment>> {
    Ok(fetch_all!(tx, Row, OPEN)?.into_iter().map(Into::into).collect())
}

/// All that await approval and were asked for at `since` or before: for the machinery.
///
/// # Errors
/// The database's.
pub async fn awaited_since(tx: &mut Tx, since: Time) -> sqlx::Result<Vec<Deployment>> {
    Ok(fetch_all!(tx, Row, AWAITED_SINCE, since)?.into_iter().map(Into::into).collect())
}

/// The app's deployment that waits for a worker: there is at most one.
///
/// # Errors
/// The database's.
pub async fn waiting(tx: &mut Tx, app: AppId) -> sqlx::Result<Option<Deployment>> {
    Ok(fetch_optional!(tx, Row, WAITING, app)?.map(Into::into))
}

/// The app's deployment that awaits approval, and the one that waits for a worker: at most one of each,
/// in this order.
///
/// # Errors
/// The database's.
pub async fn unstarted(tx: &mut Tx, app: AppId) -> sqlx::Result<Vec<Deployment>> {
    let rows = fetch_all!(tx, Row, UNSTARTED, app)?;
    let mut all: Vec<Deployment> = rows.into_iter().map(Into::into).collect();
    all.sort_by_key(|deployment| deployment.state != State::AwaitingApproval);
    Ok(all)
}

/// The app's deployment that lives: there is at most one.
///
/// # Errors
/// The database's.
pub async fn living(tx: &mut Tx, app: AppId) -> sqlx::Result<Option<Deployment>> {
    Ok(fetch_optional!(tx, Row, LIVING, app)?.map(Into::into))
}

/// The newest deployment of that commit that was of the whole app.
///
/// # Errors
/// The database's.
pub async fn last_of_commit(tx: &mut Tx, app: AppId, sha: &Sha) -> sqlx::Result<Option<Deployment>> {
    Ok(fetch_optional!(tx, Row, LAST_OF_COMMIT, app, sha)?.map(Into::into))
}

/// Writes what a transition changed, if the row still stands in `from`.
///
/// # Errors
/// The database's.
pub async fn save(tx: &mut Tx, from: State, d: &Deployment) -> sqlx::Result<bool> {
    Ok(save!(execute, tx, from, d)? > 0)
}

/// Writes that a deployment which stood in `from` gave way to a newer one; the caller holds the app's lock.
///
/// # Errors
/// The database's.
pub async fn give_way(tx: &mut Tx, from: State, d: &Deployment) -> sqlx::Result<()> {
    save!(later, tx, from, d)
}

/// Says which generation of the app a deployment made real.
///
/// # Errors
/// The database's.
pub async fn of_generation(tx: &mut Tx, id: DeploymentId, generation: i64) -> sqlx::Result<()> {
    execute!(tx, OF_GENERATION, id, generation).map(|_| ())
}

/// Asks an open deployment to stop; whether it was open.
///
/// # Errors
/// The database's.
pub async fn cancel(tx: &mut Tx, id: DeploymentId) -> sqlx::Result<bool> {
    Ok(execute!(tx, CANCEL, id, true)? > 0)
}

/// Whether somebody asked it to stop.
///
/// # Errors
/// The database's.
pub async fn cancel_asked(tx: &mut Tx, id: DeploymentId) -> sqlx::Result<bool> {
    Ok(fetch_optional!(tx, (bool,), CANCELLED, id)?.is_some_and(|(asked,)| asked))
}
