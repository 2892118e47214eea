//! Service accounts: rows of `person` that have a team of their own and no password, so that what refers
//! to a person (roles, tokens, the log) refers to them alike.

use super::{Tx, execute, fetch_all, identity::TokenRow};
use crate::domain::{
    clock::Time,
    id::{TeamId, TokenId, UserId},
    identity::Token,
    name::Email,
};

const INSERT: &str = "INSERT INTO person (id, email, password_hash, owner, created_at, service_team_id) \
    VALUES ($1, $2, NULL, FALSE, $3, $4)";
const RENAME: &str = "UPDATE person SET email = $3 WHERE service_team_id = $1 AND id = $2";
const REMOVE: &str = "DELETE FROM person WHERE service_team_id = $1 AND id = $2";
const TOKENS: &str = "SELECT t.id, t.person_id, t.team_id, t.name, t.rights, t.places, t.created_at, t.expires_at, \
    t.used_at, p.owner FROM token t JOIN person p ON p.id = t.person_id \
    WHERE p.service_team_id = $1 AND t.team_id = $1 ORDER BY t.created_at DESC";
const END_TOKEN: &str = "DELETE FROM token WHERE team_id = $1 AND person_id = $2 AND id = $3";

pub(super) const QUERIES: &[&str] = &[INSERT, RENAME, REMOVE, TOKENS, END_TOKEN];

/// Makes one. It is no member yet.
///
/// # Errors
/// The database's; a duplicate name within the team.
pub async fn insert(tx: &mut Tx, team: TeamId, id: UserId, email: &Email, now: Time) -> sqlx::Result<()> {
    execute!(tx, INSERT, id, email, now, team).map(|_| ())
}

/// Renames one; whether it was there.
///
/// # Errors
/// The database's; a duplicate name within the team.
pub async fn rename(tx: &mut Tx, team: TeamId, id: UserId, email: &Email) -> sqlx::Result<bool> {
    Ok(execute!(tx, RENAME, team, id, email)? > 0)
}

/// Removes one with its roles and tokens; whether it was there.
///
/// # Errors
/// The database's.
pub async fn remove(tx: &mut Tx, team: TeamId, id: UserId) -> sqlx::Result<bool> {
    Ok(execute!(tx, REMOVE, team, id)? > 0)
}

/// The tokens of all service accounts of a team, newest first.
///
/// # Errors
/// The database's.
pub async fn tokens(tx: &mut Tx, team: TeamId) -> sqlx::Result<Vec<Token>> {
    Ok(fetch_all!(tx, TokenRow, TOKENS, team)?.into_iter().map(Into::into).collect())
}

/// Ends a token of one; whether there was one.
///
/// # Errors
/// The database's.
pub async fn end_token(tx: &mut Tx, team: TeamId, id: UserId, token: TokenId) -> sqlx::Result<bool> {
    Ok(execute!(tx, END_TOKEN, team, id, token)? > 0)
}
