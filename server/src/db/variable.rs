//! Variables of projects, environments and apps; values are sealed before they come here.

use sqlx::types::Json;

use super::{Tx, execute, fetch_all};
use crate::domain::{
    clock::Time,
    id::{AppId, TeamId, UserId, VariableId},
    name::{Email, EnvKey, Slug},
    variable::{Scope, SecretFile, Variable},
};

const PUT: &str = "INSERT INTO variable (id, scope, scope_id, key, sealed, secret, changer_id, updated_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (scope, scope_id, key) \
    DO UPDATE SET sealed = excluded.sealed, secret = excluded.secret, changer_id = excluded.changer_id, \
    updated_at = excluded.updated_at, version = variable.version + 1";
const KEEP: &str = "INSERT INTO variable_version (id, scope, scope_id, key, version, sealed, secret, changer_id, changed_at) \
    SELECT $1, scope, scope_id, key, version, sealed, secret, changer_id, updated_at FROM variable \
    WHERE scope = $2 AND scope_id = $3 AND key = $4";
const DROP_OLD: &str = "DELETE FROM variable_version WHERE scope = $1 AND scope_id = $2 AND key = $3 \
    AND version <= (SELECT max(version) FROM variable WHERE scope = $1 AND scope_id = $2 AND key = $3) - $4";
const LIST: &str = "SELECT v.id, v.key, v.sealed, v.secret, v.file, v.version, p.email, v.updated_at FROM variable v \
    LEFT JOIN person p ON p.id = v.changer_id WHERE v.scope = $1 AND v.scope_id = $2 ORDER BY v.key";
const VERSIONS: &str = "SELECT v.id, v.key, v.sealed, v.secret, v.version, p.email, v.changed_at AS updated_at \
    FROM variable_version v LEFT JOIN person p ON p.id = v.changer_id \
    WHERE v.scope = $1 AND v.scope_id = $2 ORDER BY v.key, v.version DESC";
const OF_APPS: &str = "SELECT a.id, a.name, v.key, v.sealed FROM variable v JOIN app a ON a.id = v.scope_id \
    JOIN environment e ON e.id = a.environment_id JOIN project p ON p.id = e.project_id \
    WHERE v.scope = 'app' AND p.team_id = $1 ORDER BY a.name, v.key";
const DELIVER: &str = "UPDATE variable SET file = $4 WHERE scope = $1 AND scope_id = $2 AND key = $3";
const REMOVE: &str = "DELETE FROM variable WHERE scope = $1 AND scope_id = $2 AND key = $3";
const FORGET: &str = "DELETE FROM variable_version WHERE scope = $1 AND scope_id = $2 AND key = $3";
const CLEAR: &str = "DELETE FROM variable WHERE scope = $1 AND scope_id = $2";
const CLEAR_VERSIONS: &str = "DELETE FROM variable_version WHERE scope = $1 AND scope_id = $2";

/// Older values of one variable that are kept.
const KEPT: i64 = 20;

pub(super) const QUERIES: &[&str] =
    &[PUT, KEEP, DROP_OLD, LIST, VERSIONS, OF_APPS, DELIVER, REMOVE, FORGET, CLEAR, CLEAR_VERSIONS];

#[derive(sqlx::FromRow)]
struct Row {
    id: VariableId,
    key: EnvKey,
    sealed: Vec<u8>,
    secret: bool,
    /// An older version has none of its own: how a variable is delivered is not what it was.
    #[sqlx(default)]
    file: Option<Json<SecretFile>>,
    version: i64,
    email: Option<Email>,
    updated_at: Time,
}

impl From<Row> for Variable {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            key: row.key,
            sealed: row.sealed,
            secret: row.secret,
            file: row.file.map(|file| file.0),
            version: row.version,
            changed_by: row.email,
            updated_at: row.updated_at,
        }
    }
}

/// A value to be kept.
#[derive(Debug)]
pub struct New<'a> {
    /// For the variable, if it is new.
    pub id: VariableId,
    /// For the value that it takes the place of.
    pub before: VariableId,
    /// The name.
    pub key: &'a EnvKey,
    /// The value, encrypted.
    pub sealed: &'a [u8],
    /// Masked in logs.
    pub secret: bool,
    /// By whom.
    pub by: UserId,
    /// When.
    pub at: Time,
}

/// Sets a variable; the value before is kept as an older version. The scope's team was checked by the
/// caller.
///
/// # Errors
/// The database's.
pub async fn put(tx: &mut Tx, scope: Scope, new: New<'_>) -> sqlx::Result<()> {
    let (kind, id) = scope.parts();
    execute!(tx, KEEP, new.before, kind, id, new.key)?;
    execute!(tx, PUT, new.id, kind, id, new.key, new.sealed, new.secret, new.by, new.at)?;
    execute!(tx, DROP_OLD, kind, id, new.key, KEPT + 1).map(|_| ())
}

/// All variables of a scope, by key.
///
/// # Errors
/// The database's.
pub async fn list(tx: &mut Tx, scope: Scope) -> sqlx::Result<Vec<Variable>> {
    let (kind, id) = scope.parts();
    Ok(fetch_all!(tx, Row, LIST, kind, id)?.into_iter().map(Into::into).collect())
}

/// The older versions of a scope's variables, by key, newest first.
///
/// # Errors
/// The database's.
pub async fn versions(tx: &mut Tx, scope: Scope) -> sqlx::Result<Vec<Variable>> {
    let (kind, id) = scope.parts();
    Ok(fetch_all!(tx, Row, VERSIONS, kind, id)?.into_iter().map(Into::into).collect())
}

/// A variable of an app.
#[derive(Debug, sqlx::FromRow)]
pub struct OfApp {
    /// The app.
    #[sqlx(rename = "id")]
    pub app: AppId,
    /// Its name.
    #[sqlx(rename = "name")]
    pub called: Slug,
    /// The variable's name.
    pub key: EnvKey,
    /// The value, encrypted.
    pub sealed: Vec<u8>,
}

/// The variables of all apps of a team, by app.
///
/// # Errors
/// The database's.
pub async fn of_apps(tx: &mut Tx, team: TeamId) -> sqlx::Result<Vec<OfApp>> {
    fetch_all!(tx, OfApp, OF_APPS, team)
}

/// Says how containers get a variable: as a file, or in the environment.
///
/// # Errors
/// The database's.
pub async fn deliver(tx: &mut Tx, scope: Scope, key: &EnvKey, file: Option<&SecretFile>) -> sqlx::Result<()> {
    let (kind, id) = scope.parts();
    execute!(tx, DELIVER, kind, id, key, file.map(Json)).map(drop)
}

/// Takes a variable away with its older versions; whether there was one.
///
/// # Errors
/// The database's.
pub async fn remove(tx: &mut Tx, scope: Scope, key: &EnvKey) -> sqlx::Result<bool> {
    let (kind, id) = scope.parts();
    execute!(tx, FORGET, kind, id, key)?;
    Ok(execute!(tx, REMOVE, kind, id, key)? > 0)
}

/// Takes all variables of a scope away.
///
/// # Errors
/// The database's.
pub async fn clear(tx: &mut Tx, scope: Scope) -> sqlx::Result<()> {
    let (kind, id) = scope.parts();
    execute!(tx, CLEAR_VERSIONS, kind, id)?;
    execute!(tx, CLEAR, kind, id).map(|_| ())
}
