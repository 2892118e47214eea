//! What teams may have at most, and what they use of it.

use super::{Tx, execute, fetch_all, fetch_optional};
use crate::domain::{
    clock::Time,
    id::{AppId, DeploymentId, TeamId},
    quota::{Quota, Use},
};

const GET: &str = "SELECT apps, builds, nano_cpus, memory, storage FROM team_quota WHERE team_id = $1";
/// Whoever counts and then adds does it alone: the second one sees what the first has added.
const LOCK: &str = "UPDATE team_quota SET builds = builds WHERE team_id = $1";
const PUT: &str = "INSERT INTO team_quota (team_id, apps, builds, nano_cpus, memory, storage) \
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (team_id) DO UPDATE SET apps = excluded.apps, \
    builds = excluded.builds, nano_cpus = excluded.nano_cpus, memory = excluded.memory, storage = excluded.storage";
const ANY_STORAGE: &str = "SELECT count(*) FROM team_quota WHERE storage IS NOT NULL";
const APPS: &str = "SELECT count(*) FROM app a JOIN environment e ON e.id = a.environment_id \
    JOIN project p ON p.id = e.project_id WHERE p.team_id = $1 AND a.wanted <> 'removed'";
const BUILDS: &str = "SELECT count(*) FROM deployment d JOIN app a ON a.id = d.app_id \
    JOIN environment e ON e.id = a.environment_id JOIN project p ON p.id = e.project_id \
    WHERE p.team_id = $1 AND d.state = 'building' AND d.id <> $2";
/// Of an app the larger of what serves and what is on its way counts, once it is planned.
const CLAIMED: &str = "SELECT CAST(COALESCE(SUM(u.cpus), 0) AS BIGINT), CAST(COALESCE(SUM(u.memory), 0) AS BIGINT) \
    FROM (SELECT MAX(d.claimed_cpus) AS cpus, MAX(d.claimed_memory) AS memory FROM deployment d \
      JOIN app a ON a.id = d.app_id JOIN environment e ON e.id = a.environment_id \
      JOIN project p ON p.id = e.project_id \
      WHERE p.team_id = $1 AND a.wanted = 'running' AND a.id <> $2 \
        AND d.state IN ('live', 'planning', 'applying', 'verifying', 'shifting') GROUP BY d.app_id) u";
const CLAIM: &str = "UPDATE deployment SET claimed_cpus = $2, claimed_memory = $3 WHERE id = $1";
const CLAIM_LIVE: &str =
    "UPDATE deployment SET claimed_cpus = $2, claimed_memory = $3 WHERE app_id = $1 AND state = 'live'";
/// A volume is called as its stack, `_`, and its own name.
const STORED: &str = "SELECT CAST(COALESCE(SUM(v.bytes), 0) AS BIGINT), MIN(v.measured_at) FROM volume_use v \
    JOIN app a ON substr(v.name, 1, length(a.stack) + 1) = a.stack || '_' \
    JOIN environment e ON e.id = a.environment_id JOIN project p ON p.id = e.project_id WHERE p.team_id = $1";
const FORGET: &str = "DELETE FROM volume_use WHERE node = $1";
const MEASURED: &str = "INSERT INTO volume_use (node, name, bytes, measured_at) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (node, name) DO UPDATE SET bytes = excluded.bytes, measured_at = excluded.measured_at";
const NODES: &str = "SELECT DISTINCT node FROM volume_use ORDER BY node";

pub(super) const QUERIES: &[&str] =
    &[GET, LOCK, PUT, ANY_STORAGE, APPS, BUILDS, CLAIMED, CLAIM, CLAIM_LIVE, STORED, FORGET, MEASURED, NODES];

#[derive(sqlx::FromRow)]
struct Row {
    apps: Option<i64>,
    builds: Option<i64>,
    nano_cpus: Option<i64>,
    memory: Option<i64>,
    storage: Option<i64>,
}

/// What a team may have; everything, if nothing was said.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, team: TeamId) -> sqlx::Result<Quota> {
    let row = fetch_optional!(tx, Row, GET, team)?;
    Ok(row.map_or_else(Quota::default, |row| Quota {
        apps: row.apps,
        builds: row.builds,
        nano_cpus: row.nano_cpus,
        memory: row.memory,
        storage: row.storage,
    }))
}

/// What a team may have, if anything was said; nobody else counts what it uses before the end of the
/// transaction.
///
/// # Errors
/// The database's.
pub async fn lock(tx: &mut Tx, team: TeamId) -> sqlx::Result<Option<Quota>> {
    if execute!(tx, LOCK, team)? == 0 { Ok(None) } else { get(tx, team).await.map(Some) }
}

/// Says what a team may have.
///
/// # Errors
/// The database's.
pub async fn put(tx: &mut Tx, team: TeamId, quota: &Quota) -> sqlx::Result<()> {
    let Quota { apps, builds, nano_cpus, memory, storage } = *quota;
    execute!(tx, PUT, team, apps, builds, nano_cpus, memory, storage).map(drop)
}

/// Whether the storage of any team is bounded: measuring costs the disk much.
///
/// # Errors
/// The database's.
pub async fn bounds_storage(tx: &mut Tx) -> sqlx::Result<bool> {
    Ok(fetch_optional!(tx, (i64,), ANY_STORAGE)?.is_some_and(|(count,)| count > 0))
}

/// How many apps a team has; one that is being removed counts no more.
///
/// # Errors
/// The database's.
pub async fn apps(tx: &mut Tx, team: TeamId) -> sqlx::Result<i64> {
    Ok(fetch_optional!(tx, (i64,), APPS, team)?.map_or(0, |(count,)| count))
}

/// How many of a team's deployments build, without `but`.
///
/// # Errors
/// The database's.
pub async fn builds(tx: &mut Tx, team: TeamId, but: DeploymentId) -> sqlx::Result<i64> {
    Ok(fetch_optional!(tx, (i64,), BUILDS, team, but)?.map_or(0, |(count,)| count))
}

/// NanoCPUs and bytes of memory that the apps of a team that run may use, without `but`.
///
/// # Errors
/// The database's.
pub async fn claimed(tx: &mut Tx, team: TeamId, but: AppId) -> sqlx::Result<(i64, i64)> {
    Ok(fetch_optional!(tx, (i64, i64), CLAIMED, team, but)?.unwrap_or_default())
}

/// Writes what a deployment's tasks may use.
///
/// # Errors
/// The database's.
pub async fn claim(tx: &mut Tx, deployment: DeploymentId, claim: (i64, i64)) -> sqlx::Result<()> {
    execute!(tx, CLAIM, deployment, claim.0, claim.1).map(drop)
}

/// Writes what the tasks of what serves may use from now on.
///
/// # Errors
/// The database's.
pub async fn claim_live(tx: &mut Tx, app: AppId, claim: (i64, i64)) -> sqlx::Result<()> {
    execute!(tx, CLAIM_LIVE, app, claim.0, claim.1).map(drop)
}

/// Bytes in the volumes of a team as measured last, and when the oldest of them was.
///
/// # Errors
/// The database's.
pub async fn stored(tx: &mut Tx, team: TeamId) -> sqlx::Result<(i64, Option<Time>)> {
    Ok(fetch_optional!(tx, (i64, Option<Time>), STORED, team)?.unwrap_or((0, None)))
}

/// All that a team uses.
///
/// # Errors
/// The database's.
pub async fn used(tx: &mut Tx, team: TeamId) -> sqlx::Result<Use> {
    let nobody = uuid::Uuid::nil();
    let (nano_cpus, memory) = claimed(tx, team, AppId::from_uuid(nobody)).await?;
    let (storage, measured_at) = stored(tx, team).await?;
    Ok(Use {
        apps: apps(tx, team).await?,
        builds: builds(tx, team, DeploymentId::from_uuid(nobody)).await?,
        nano_cpus,
        memory,
        storage,
        measured_at,
    })
}

/// Writes what the volumes of a node hold, in place of what was known of it.
///
/// # Errors
/// The database's.
pub async fn measured(tx: &mut Tx, node: &str, volumes: &[(String, i64)], now: Time) -> sqlx::Result<()> {
    execute!(tx, FORGET, node)?;
    for (name, bytes) in volumes {
        execute!(tx, MEASURED, node, name, bytes, now)?;
    }
    Ok(())
}

/// The nodes whose volumes were measured.
///
/// # Errors
/// The database's.
pub async fn nodes(tx: &mut Tx) -> sqlx::Result<Vec<String>> {
    Ok(fetch_all!(tx, (String,), NODES)?.into_iter().map(|(node,)| node).collect())
}
