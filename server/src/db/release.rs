//! Releases: what to apply again to return to a deployment that was live.

use std::collections::BTreeMap;

use sqlx::types::Json;

use super::{Tx, execute, fetch_all, fetch_optional};
use crate::domain::{
    clock::Time,
    id::{AppId, DeploymentId, ReleaseId, TeamId},
    name::Sha,
    release::Release,
};

const INSERT: &str = "INSERT INTO release (id, app_id, deployment_id, number, commit_sha, images, sealed_spec, created_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (deployment_id) DO NOTHING";
const CURRENT: &str =
    "SELECT * FROM release WHERE app_id = $1 AND retired_at IS NULL ORDER BY number DESC LIMIT 1";
const GET: &str = "SELECT * FROM release WHERE app_id = $1 AND id = $2";
const LIST: &str = "SELECT * FROM release WHERE app_id = $1 ORDER BY number DESC LIMIT $2";
const OF_DEPLOYMENT: &str = "SELECT * FROM release WHERE app_id = $1 AND deployment_id = $2";
const BEFORE: &str = "SELECT * FROM release WHERE app_id = $1 AND number < $2 ORDER BY number DESC LIMIT 1";
const TITLES: &str =
    "SELECT r.id, d.title FROM release r JOIN deployment d ON d.id = r.deployment_id WHERE r.app_id = $1";
const NUMBERS: &str = "SELECT r.id, r.number FROM release r JOIN app a ON a.id = r.app_id \
    JOIN environment e ON e.id = a.environment_id JOIN project p ON p.id = e.project_id WHERE p.team_id = $1";
const RETIRE: &str =
    "UPDATE release SET retired_at = $3 WHERE app_id = $1 AND id <> $2 AND retired_at IS NULL";
const PRUNE: &str = "DELETE FROM release WHERE app_id = $1 AND retired_at IS NOT NULL AND number NOT IN \
    (SELECT number FROM release WHERE app_id = $1 ORDER BY number DESC LIMIT $2)";

pub(super) const QUERIES: &[&str] =
    &[INSERT, CURRENT, GET, LIST, OF_DEPLOYMENT, BEFORE, TITLES, NUMBERS, RETIRE, PRUNE];

#[derive(sqlx::FromRow)]
struct Row {
    id: ReleaseId,
    app_id: AppId,
    deployment_id: DeploymentId,
    number: i64,
    commit_sha: Option<Sha>,
    images: Json<BTreeMap<String, String>>,
    sealed_spec: Vec<u8>,
    created_at: Time,
    retired_at: Option<Time>,
}

impl From<Row> for Release {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            app: row.app_id,
            deployment: row.deployment_id,
            number: row.number,
            commit: row.commit_sha,
            images: row.images.0,
            sealed_spec: row.sealed_spec,
            created_at: row.created_at,
            retired_at: row.retired_at,
        }
    }
}

/// Records a release; repeating is no error.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, r: &Release) -> sqlx::Result<()> {
    execute!(
        tx,
        INSERT,
        r.id,
        r.app,
        r.deployment,
        r.number,
        &r.commit,
        Json(&r.images),
        &r.sealed_spec,
        r.created_at,
    )
    .map(|_| ())
}

/// The release that serves.
///
/// # Errors
/// The database's.
pub async fn current(tx: &mut Tx, app: AppId) -> sqlx::Result<Option<Release>> {
    Ok(fetch_optional!(tx, Row, CURRENT, app)?.map(Into::into))
}

/// One release of an app.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, app: AppId, id: ReleaseId) -> sqlx::Result<Option<Release>> {
    Ok(fetch_optional!(tx, Row, GET, app, id)?.map(Into::into))
}

/// An app's releases, newest first.
///
/// # Errors
/// The database's.
pub async fn list(tx: &mut Tx, app: AppId, limit: i64) -> sqlx::Result<Vec<Release>> {
    Ok(fetch_all!(tx, Row, LIST, app, limit)?.into_iter().map(Into::into).collect())
}

/// The release that a deployment made, while it is kept.
///
/// # Errors
/// The database's.
pub async fn of_deployment(tx: &mut Tx, app: AppId, id: DeploymentId) -> sqlx::Result<Option<Release>> {
    Ok(fetch_optional!(tx, Row, OF_DEPLOYMENT, app, id)?.map(Into::into))
}

/// The newest kept release with a lower number.
///
/// # Errors
/// The database's.
pub async fn before(tx: &mut Tx, app: AppId, number: i64) -> sqlx::Result<Option<Release>> {
    Ok(fetch_optional!(tx, Row, BEFORE, app, number)?.map(Into::into))
}

/// The titles of the commits of an app's kept releases.
///
/// # Errors
/// The database's.
pub async fn titles(tx: &mut Tx, app: AppId) -> sqlx::Result<Vec<(ReleaseId, Option<String>)>> {
    fetch_all!(tx, (ReleaseId, Option<String>), TITLES, app)
}

/// The numbers of a team's kept releases.
///
/// # Errors
/// The database's.
pub async fn numbers(tx: &mut Tx, team: TeamId) -> sqlx::Result<Vec<(ReleaseId, i64)>> {
    fetch_all!(tx, (ReleaseId, i64), NUMBERS, team)
}

/// Marks all of an app's releases but one as no longer serving.
///
/// # Errors
/// The database's.
pub async fn retire_others(tx: &mut Tx, app: AppId, keep: ReleaseId, now: Time) -> sqlx::Result<()> {
    execute!(tx, RETIRE, app, keep, now).map(|_| ())
}

/// Forgets all but the newest `keep` releases of an app; never the one that serves.
///
/// # Errors
/// The database's.
pub async fn prune(tx: &mut Tx, app: AppId, keep: i64) -> sqlx::Result<u64> {
    execute!(tx, PRUNE, app, keep)
}
