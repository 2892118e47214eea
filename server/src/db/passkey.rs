//! Passkeys, and the challenges that wait for an answer. A challenge is used by the statement that takes it
//! away, and a counter by the one that finds it lower, so that each counts once.

use super::{Tx, execute, fetch_all, fetch_optional};
use crate::domain::{
    clock::Time,
    id::{PasskeyId, UserId},
    identity::Passkey,
};

const INSERT: &str = "INSERT INTO passkey (id, person_id, credential, name, public, counter, created_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const OF_PERSON: &str = "SELECT * FROM passkey WHERE person_id = $1 ORDER BY created_at, id";
const BY_CREDENTIAL: &str = "SELECT * FROM passkey WHERE credential = $1";
const RENAME: &str = "UPDATE passkey SET name = $3 WHERE person_id = $1 AND id = $2";
const REMOVE: &str = "DELETE FROM passkey WHERE person_id = $1 AND id = $2";
const REMOVE_ALL: &str = "DELETE FROM passkey WHERE person_id = $1";
// An authenticator that does not count says 0 each time.
const USE: &str = "UPDATE passkey SET public = $2, counter = $3, used_at = $4 \
    WHERE id = $1 AND (counter < $3 OR (counter = 0 AND $3 = 0))";
const HOLD: &str = "UPDATE person SET owner = owner WHERE id = $1";
const PEOPLE: &str = "SELECT person_id, count(*) FROM passkey GROUP BY person_id";
const INSERT_CHALLENGE: &str =
    "INSERT INTO passkey_challenge (hash, purpose, person_id, state, expires_at) VALUES ($1, $2, $3, $4, $5)";
const TAKE_CHALLENGE: &str = "DELETE FROM passkey_challenge WHERE hash = $1 AND purpose = $2 AND expires_at > $3 \
    RETURNING person_id, state";
const END_CHALLENGES: &str = "DELETE FROM passkey_challenge WHERE person_id = $1";
const SWEEP_CHALLENGES: &str = "DELETE FROM passkey_challenge WHERE expires_at <= $1";

pub(super) const QUERIES: &[&str] = &[
    INSERT,
    OF_PERSON,
    BY_CREDENTIAL,
    RENAME,
    REMOVE,
    REMOVE_ALL,
    USE,
    HOLD,
    PEOPLE,
    INSERT_CHALLENGE,
    TAKE_CHALLENGE,
    END_CHALLENGES,
    SWEEP_CHALLENGES,
];

#[derive(sqlx::FromRow)]
struct PasskeyRow {
    id: PasskeyId,
    person_id: UserId,
    credential: Vec<u8>,
    name: String,
    public: String,
    counter: i64,
    created_at: Time,
    used_at: Option<Time>,
}

impl From<PasskeyRow> for Passkey {
    fn from(row: PasskeyRow) -> Self {
        Self {
            id: row.id,
            user: row.person_id,
            credential: row.credential,
            name: row.name,
            public: row.public,
            counter: row.counter,
            created_at: row.created_at,
            used_at: row.used_at,
        }
    }
}

/// Keeps a new passkey.
///
/// # Errors
/// The database's; a credential that somebody has already.
pub async fn insert(tx: &mut Tx, passkey: &Passkey) -> sqlx::Result<()> {
    execute!(
        tx,
        INSERT,
        passkey.id,
        passkey.user,
        passkey.credential.as_slice(),
        passkey.name.as_str(),
        passkey.public.as_str(),
        passkey.counter,
        passkey.created_at
    )
    .map(|_| ())
}

/// A person's passkeys, oldest first.
///
/// # Errors
/// The database's.
pub async fn of_person(tx: &mut Tx, user: UserId) -> sqlx::Result<Vec<Passkey>> {
    Ok(fetch_all!(tx, PasskeyRow, OF_PERSON, user)?.into_iter().map(Into::into).collect())
}

/// The passkey with this credential, whoever has it.
///
/// # Errors
/// The database's.
pub async fn by_credential(tx: &mut Tx, credential: &[u8]) -> sqlx::Result<Option<Passkey>> {
    Ok(fetch_optional!(tx, PasskeyRow, BY_CREDENTIAL, credential)?.map(Into::into))
}

/// Renames a passkey of a person; whether there was one.
///
/// # Errors
/// The database's.
pub async fn rename(tx: &mut Tx, user: UserId, id: PasskeyId, name: &str) -> sqlx::Result<bool> {
    Ok(execute!(tx, RENAME, user, id, name)? > 0)
}

/// Removes a passkey of a person; whether there was one.
///
/// # Errors
/// The database's.
pub async fn remove(tx: &mut Tx, user: UserId, id: PasskeyId) -> sqlx::Result<bool> {
    Ok(execute!(tx, REMOVE, user, id)? > 0)
}

/// Removes all passkeys of a person; how many there were.
///
/// # Errors
/// The database's.
pub async fn remove_all(tx: &mut Tx, user: UserId) -> sqlx::Result<u64> {
    execute!(tx, REMOVE_ALL, user)
}

/// Notes a use with what the authenticator counts by now; false if it was not more than before.
///
/// # Errors
/// The database's.
pub async fn use_passkey(
    tx: &mut Tx,
    id: PasskeyId,
    public: &str,
    counter: i64,
    now: Time,
) -> sqlx::Result<bool> {
    Ok(execute!(tx, USE, id, public, counter, now)? > 0)
}

/// Holds a person's row until the transaction ends: of two who remove a passkey at once, one counts after the
/// other.
///
/// # Errors
/// The database's.
pub async fn hold(tx: &mut Tx, user: UserId) -> sqlx::Result<()> {
    execute!(tx, HOLD, user).map(|_| ())
}

/// Everybody who has passkeys, and how many.
///
/// # Errors
/// The database's.
pub async fn people(tx: &mut Tx) -> sqlx::Result<Vec<(UserId, i64)>> {
    fetch_all!(tx, (UserId, i64), PEOPLE)
}

/// Keeps a challenge; `hash` is the SHA-256 of the cookie's value.
///
/// # Errors
/// The database's.
pub async fn insert_challenge(
    tx: &mut Tx,
    hash: &[u8],
    purpose: &str,
    user: Option<UserId>,
    state: &str,
    until: Time,
) -> sqlx::Result<()> {
    execute!(tx, INSERT_CHALLENGE, hash, purpose, user, state, until).map(|_| ())
}

/// Takes a challenge away, so that it is answered once: for whom it was, and what it was.
///
/// # Errors
/// The database's.
pub async fn take_challenge(
    tx: &mut Tx,
    hash: &[u8],
    purpose: &str,
    now: Time,
) -> sqlx::Result<Option<(Option<UserId>, String)>> {
    fetch_optional!(tx, (Option<UserId>, String), TAKE_CHALLENGE, hash, purpose, now)
}

/// Ends all challenges that are for one person.
///
/// # Errors
/// The database's.
pub async fn end_challenges(tx: &mut Tx, user: UserId) -> sqlx::Result<()> {
    execute!(tx, END_CHALLENGES, user).map(|_| ())
}

/// Removes challenges that were not answered.
///
/// # Errors
/// The database's.
pub async fn sweep_challenges(tx: &mut Tx, now: Time) -> sqlx::Result<()> {
    execute!(tx, SWEEP_CHALLENGES, now).map(|_| ())
}
