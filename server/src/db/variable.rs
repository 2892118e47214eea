//! Variables of projects, environments and apps; values are sealed before they come here.

use super::{Tx, execute, fetch_all};
use crate::domain::{
    clock::Time,
    id::VariableId,
    name::EnvKey,
    variable::{Scope, Variable},
};

const PUT: &str = "INSERT INTO variable (id, scope, scope_id, key, sealed, secret, updated_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (scope, scope_id, key) \
    DO UPDATE SET sealed = excluded.sealed, secret = excluded.secret, updated_at = excluded.updated_at";
const LIST: &str = "SELECT id, key, sealed, secret, updated_at FROM variable WHERE scope = $1 AND scope_id = $2 ORDER BY key";
const REMOVE: &str = "DELETE FROM variable WHERE scope = $1 AND scope_id = $2 AND key = $3";
const CLEAR: &str = "DELETE FROM variable WHERE scope = $1 AND scope_id = $2";

pub(super) const QUERIES: &[&str] = &[PUT, LIST, REMOVE, CLEAR];

#[derive(sqlx::FromRow)]
struct Row {
    id: VariableId,
    key: EnvKey,
    sealed: Vec<u8>,
    secret: bool,
    updated_at: Time,
}

impl From<Row> for Variable {
    fn from(row: Row) -> Self {
        Self { id: row.id, key: row.key, sealed: row.sealed, secret: row.secret, updated_at: row.updated_at }
    }
}

/// Sets a variable; the scope's team was checked by the caller.
///
/// # Errors
/// The database's.
pub async fn put(tx: &mut Tx, scope: Scope, v: &Variable) -> sqlx::Result<()> {
    let (kind, id) = scope.parts();
    execute!(tx, PUT, v.id, kind, id, &v.key, &v.sealed, v.secret, v.updated_at).map(|_| ())
}

/// All variables of a scope, by key.
///
/// # Errors
/// The database's.
pub async fn list(tx: &mut Tx, scope: Scope) -> sqlx::Result<Vec<Variable>> {
    let (kind, id) = scope.parts();
    Ok(fetch_all!(tx, Row, LIST, kind, id)?.into_iter().map(Into::into).collect())
}

/// Takes a variable away; whether there was one.
///
/// # Errors
/// The database's.
pub async fn remove(tx: &mut Tx, scope: Scope, key: &EnvKey) -> sqlx::Result<bool> {
    let (kind, id) = scope.parts();
    Ok(execute!(tx, REMOVE, kind, id, key)? > 0)
}

/// Takes all variables of a scope away.
///
/// # Errors
/// The database's.
pub async fn clear(tx: &mut Tx, scope: Scope) -> sqlx::Result<()> {
    let (kind, id) = scope.parts();
    execute!(tx, CLEAR, kind, id).map(|_| ())
}
