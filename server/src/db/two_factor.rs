//! The second step of signing in: each person's shared secret, recovery codes, and who is between the
//! two steps. A code is used by the one statement that finds it unused, so that it counts once.

use super::{Tx, execute, fetch_all, fetch_optional};
use crate::domain::{
    clock::Time,
    id::{ProviderId, UserId},
};

const BEGIN: &str = "INSERT INTO two_factor (person_id, sealed, last_step, created_at) VALUES ($1, $2, 0, $3) \
    ON CONFLICT (person_id) DO UPDATE SET sealed = excluded.sealed, last_step = 0, created_at = excluded.created_at \
    WHERE two_factor.confirmed_at IS NULL";
const LOAD: &str = "SELECT sealed, last_step, confirmed_at FROM two_factor WHERE person_id = $1";
const CONFIRM: &str = "UPDATE two_factor SET confirmed_at = $2 WHERE person_id = $1 AND confirmed_at IS NULL";
const USE_STEP: &str = "UPDATE two_factor SET last_step = $2 WHERE person_id = $1 AND last_step < $2";
const REMOVE: &str = "DELETE FROM two_factor WHERE person_id = $1";
const CONFIRMED: &str = "SELECT person_id FROM two_factor WHERE confirmed_at IS NOT NULL";
const INSERT_CODE: &str = "INSERT INTO recovery_code (person_id, hash) VALUES ($1, $2)";
const USE_CODE: &str = "DELETE FROM recovery_code WHERE person_id = $1 AND hash = $2";
const REMOVE_CODES: &str = "DELETE FROM recovery_code WHERE person_id = $1";
const COUNT_CODES: &str = "SELECT count(*) FROM recovery_code WHERE person_id = $1";
const INSERT_PENDING: &str = "INSERT INTO pending_login (hash, person_id, expires_at, provider_id) \
    VALUES ($1, $2, $3, $4)";
const PENDING: &str = "SELECT person_id, provider_id FROM pending_login WHERE hash = $1 AND expires_at > $2";
const USE_PENDING: &str = "DELETE FROM pending_login WHERE hash = $1";
const END_PENDING: &str = "DELETE FROM pending_login WHERE person_id = $1";
const SWEEP_PENDING: &str = "DELETE FROM pending_login WHERE expires_at <= $1";

pub(super) const QUERIES: &[&str] = &[
    BEGIN,
    LOAD,
    CONFIRM,
    USE_STEP,
    REMOVE,
    CONFIRMED,
    INSERT_CODE,
    USE_CODE,
    REMOVE_CODES,
    COUNT_CODES,
    INSERT_PENDING,
    PENDING,
    USE_PENDING,
    END_PENDING,
    SWEEP_PENDING,
];

/// A person's second step.
#[derive(Debug, sqlx::FromRow)]
pub struct TwoFactor {
    /// The shared secret, sealed for the place `totp`.
    pub sealed: Vec<u8>,
    /// Codes of this step and before were used.
    pub last_step: i64,
    /// Since when it is asked for; none: it was begun, and no code was shown yet.
    pub confirmed_at: Option<Time>,
}

/// Keeps a new secret that does not count yet; false if there is one that does.
///
/// # Errors
/// The database's.
pub async fn begin(tx: &mut Tx, user: UserId, sealed: &[u8], now: Time) -> sqlx::Result<bool> {
    Ok(execute!(tx, BEGIN, user, sealed, now)? > 0)
}

/// A person's second step, if they have or began one.
///
/// # Errors
/// The database's.
pub async fn load(tx: &mut Tx, user: UserId) -> sqlx::Result<Option<TwoFactor>> {
    fetch_optional!(tx, TwoFactor, LOAD, user)
}

/// Whether a person is asked for a code.
///
/// # Errors
/// The database's.
pub async fn is_on(tx: &mut Tx, user: UserId) -> sqlx::Result<bool> {
    Ok(load(tx, user).await?.is_some_and(|found| found.confirmed_at.is_some()))
}

/// Everybody who is asked for a code.
///
/// # Errors
/// The database's.
pub async fn confirmed(tx: &mut Tx) -> sqlx::Result<Vec<UserId>> {
    Ok(fetch_all!(tx, (UserId,), CONFIRMED)?.into_iter().map(|(user,)| user).collect())
}

/// From now on a code is asked for; false if it was already, or nothing was begun.
///
/// # Errors
/// The database's.
pub async fn confirm(tx: &mut Tx, user: UserId, now: Time) -> sqlx::Result<bool> {
    Ok(execute!(tx, CONFIRM, user, now)? > 0)
}

/// Uses the code of a step up; false if that one or a later one was used.
///
/// # Errors
/// The database's.
pub async fn use_step(tx: &mut Tx, user: UserId, step: i64) -> sqlx::Result<bool> {
    Ok(execute!(tx, USE_STEP, user, step)? > 0)
}

/// Takes a person's second step and recovery codes away; whether there was one.
///
/// # Errors
/// The database's.
pub async fn remove(tx: &mut Tx, user: UserId) -> sqlx::Result<bool> {
    execute!(tx, REMOVE_CODES, user)?;
    Ok(execute!(tx, REMOVE, user)? > 0)
}

/// Puts these recovery codes, as hashes, in the place of all others.
///
/// # Errors
/// The database's.
pub async fn put_codes(tx: &mut Tx, user: UserId, hashes: &[Vec<u8>]) -> sqlx::Result<()> {
    execute!(tx, REMOVE_CODES, user)?;
    for hash in hashes {
        execute!(tx, INSERT_CODE, user, hash.as_slice())?;
    }
    Ok(())
}

/// Uses a recovery code up; false if there is no such one.
///
/// # Errors
/// The database's.
pub async fn use_code(tx: &mut Tx, user: UserId, hash: &[u8]) -> sqlx::Result<bool> {
    Ok(execute!(tx, USE_CODE, user, hash)? > 0)
}

/// How many recovery codes are left.
///
/// # Errors
/// The database's.
pub async fn count_codes(tx: &mut Tx, user: UserId) -> sqlx::Result<i64> {
    Ok(fetch_optional!(tx, (i64,), COUNT_CODES, user)?.map_or(0, |(count,)| count))
}

/// Notes that somebody showed the password, or that a provider vouched for them; `hash` is the SHA-256
/// of the cookie's value.
///
/// # Errors
/// The database's.
pub async fn insert_pending(
    tx: &mut Tx,
    hash: &[u8],
    user: UserId,
    provider: Option<ProviderId>,
    until: Time,
) -> sqlx::Result<()> {
    execute!(tx, INSERT_PENDING, hash, user, until, provider).map(|_| ())
}

/// Who did the first step with this hash, and by whose word, if it counts still.
///
/// # Errors
/// The database's.
pub async fn pending(
    tx: &mut Tx,
    hash: &[u8],
    now: Time,
) -> sqlx::Result<Option<(UserId, Option<ProviderId>)>> {
    fetch_optional!(tx, (UserId, Option<ProviderId>), PENDING, hash, now)
}

/// Uses the first step up; false if that was done already.
///
/// # Errors
/// The database's.
pub async fn use_pending(tx: &mut Tx, hash: &[u8]) -> sqlx::Result<bool> {
    Ok(execute!(tx, USE_PENDING, hash)? > 0)
}

/// Ends everything that a person began.
///
/// # Errors
/// The database's.
pub async fn end_pending(tx: &mut Tx, user: UserId) -> sqlx::Result<()> {
    execute!(tx, END_PENDING, user).map(|_| ())
}

/// Removes first steps to which no second one came.
///
/// # Errors
/// The database's.
pub async fn sweep_pending(tx: &mut Tx, now: Time) -> sqlx::Result<()> {
    execute!(tx, SWEEP_PENDING, now).map(|_| ())
}
