//! Teams, people, sessions, tokens. Secrets are kept as hashes; looking one up needs the hash.

use super::{Tx, execute, fetch_all, fetch_optional};
use crate::domain::{
    clock::Time,
    id::{SessionId, TeamId, TokenId, UserId},
    identity::{Session, Token, User},
    name::Email,
};

const INSERT_TEAM: &str = "INSERT INTO team (id, name, created_at) VALUES ($1, $2, $3)";
const INSERT_PERSON: &str =
    "INSERT INTO person (id, team_id, email, password_hash, created_at) VALUES ($1, $2, $3, $4, $5)";
const PERSON_BY_EMAIL: &str = "SELECT * FROM person WHERE email = $1";
const PERSON: &str = "SELECT * FROM person WHERE id = $1";
const COUNT_PEOPLE: &str = "SELECT count(*) FROM person";
const SET_PASSWORD: &str = "UPDATE person SET password_hash = $2 WHERE id = $1";
const INSERT_SESSION: &str = "INSERT INTO session (id, person_id, hash, agent, created_at, expires_at) \
    VALUES ($1, $2, $3, $4, $5, $6)";
const SESSION: &str = "SELECT s.id, s.person_id, s.agent, s.created_at, s.expires_at, p.team_id \
    FROM session s JOIN person p ON p.id = s.person_id WHERE s.hash = $1 AND s.expires_at > $2";
const SESSIONS: &str = "SELECT s.id, s.person_id, s.agent, s.created_at, s.expires_at, p.team_id \
    FROM session s JOIN person p ON p.id = s.person_id WHERE s.person_id = $1 AND s.expires_at > $2 \
    ORDER BY s.created_at DESC";
const END_SESSION: &str = "DELETE FROM session WHERE id = $1 AND person_id = $2";
const END_SESSIONS: &str = "DELETE FROM session WHERE person_id = $1";
const END_OTHER_SESSIONS: &str = "DELETE FROM session WHERE person_id = $1 AND id <> $2";
const SWEEP_SESSIONS: &str = "DELETE FROM session WHERE expires_at <= $1";
const EMAILS: &str = "SELECT id, email FROM person WHERE team_id = $1";
const INSERT_TOKEN: &str = "INSERT INTO token (id, person_id, name, hash, created_at, expires_at) \
    VALUES ($1, $2, $3, $4, $5, $6)";
const TOKEN: &str = "SELECT t.id, t.person_id, t.name, t.created_at, t.expires_at, t.used_at, p.team_id \
    FROM token t JOIN person p ON p.id = t.person_id \
    WHERE t.hash = $1 AND (t.expires_at IS NULL OR t.expires_at > $2)";
const TOKENS: &str = "SELECT t.id, t.person_id, t.name, t.created_at, t.expires_at, t.used_at, p.team_id \
    FROM token t JOIN person p ON p.id = t.person_id WHERE t.person_id = $1 ORDER BY t.created_at DESC";
const USE_TOKEN: &str = "UPDATE token SET used_at = $2 WHERE id = $1 AND (used_at IS NULL OR used_at < $3)";
const END_TOKEN: &str = "DELETE FROM token WHERE id = $1 AND person_id = $2";
const END_TOKENS: &str = "DELETE FROM token WHERE person_id = $1";
const SWEEP_FAILURES: &str = "DELETE FROM login_failure WHERE last_at <= $1";
const FAILURES: &str = "SELECT failures, last_at FROM login_failure WHERE subject = $1";
const HOLD_FAILURES: &str = "INSERT INTO login_failure (subject, failures, last_at) VALUES ($1, 0, $2) \
    ON CONFLICT (subject) DO UPDATE SET failures = login_failure.failures";
const COUNT_FAILURE: &str = "INSERT INTO login_failure (subject, failures, last_at) VALUES ($1, 1, $2) \
    ON CONFLICT (subject) DO UPDATE SET failures = login_failure.failures + 1, last_at = excluded.last_at";
const CLEAR_FAILURES: &str = "DELETE FROM login_failure WHERE subject = $1";

pub(super) const QUERIES: &[&str] = &[
    INSERT_TEAM,
    INSERT_PERSON,
    PERSON_BY_EMAIL,
    PERSON,
    COUNT_PEOPLE,
    SET_PASSWORD,
    INSERT_SESSION,
    SESSION,
    SESSIONS,
    END_SESSION,
    END_SESSIONS,
    END_OTHER_SESSIONS,
    SWEEP_SESSIONS,
    EMAILS,
    INSERT_TOKEN,
    TOKEN,
    TOKENS,
    USE_TOKEN,
    END_TOKEN,
    END_TOKENS,
    SWEEP_FAILURES,
    FAILURES,
    HOLD_FAILURES,
    COUNT_FAILURE,
    CLEAR_FAILURES,
];

#[derive(sqlx::FromRow)]
struct PersonRow {
    id: UserId,
    team_id: TeamId,
    email: Email,
    password_hash: String,
    created_at: Time,
}

impl From<PersonRow> for User {
    fn from(row: PersonRow) -> Self {
        Self {
            id: row.id,
            team: row.team_id,
            email: row.email,
            password_hash: row.password_hash,
            created_at: row.created_at,
        }
    }
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    id: SessionId,
    person_id: UserId,
    agent: String,
    created_at: Time,
    expires_at: Time,
    team_id: TeamId,
}

impl SessionRow {
    fn split(self) -> (Session, TeamId) {
        let session = Session {
            id: self.id,
            user: self.person_id,
            created_at: self.created_at,
            expires_at: self.expires_at,
            agent: self.agent,
        };
        (session, self.team_id)
    }
}

#[derive(sqlx::FromRow)]
struct TokenRow {
    id: TokenId,
    person_id: UserId,
    name: String,
    created_at: Time,
    expires_at: Option<Time>,
    used_at: Option<Time>,
    team_id: TeamId,
}

impl TokenRow {
    fn split(self) -> (Token, TeamId) {
        let token = Token {
            id: self.id,
            user: self.person_id,
            name: self.name,
            created_at: self.created_at,
            expires_at: self.expires_at,
            used_at: self.used_at,
        };
        (token, self.team_id)
    }
}

/// Makes a team.
///
/// # Errors
/// The database's.
pub async fn insert_team(tx: &mut Tx, id: TeamId, name: &str, now: Time) -> sqlx::Result<()> {
    execute!(tx, INSERT_TEAM, id, name, now).map(|_| ())
}

/// Makes a person.
///
/// # Errors
/// The database's; a duplicate address.
pub async fn insert_user(tx: &mut Tx, user: &User) -> sqlx::Result<()> {
    execute!(tx, INSERT_PERSON, user.id, user.team, &user.email, &user.password_hash, user.created_at)
        .map(|_| ())
}

/// The addresses of a team's people.
///
/// # Errors
/// The database's.
pub async fn emails(tx: &mut Tx, team: TeamId) -> sqlx::Result<Vec<(UserId, Email)>> {
    fetch_all!(tx, (UserId, Email), EMAILS, team)
}

/// The person with this address.
///
/// # Errors
/// The database's.
pub async fn user_by_email(tx: &mut Tx, email: &Email) -> sqlx::Result<Option<User>> {
    let row = fetch_optional!(tx, PersonRow, PERSON_BY_EMAIL, email)?;
    Ok(row.map(Into::into))
}

/// A person.
///
/// # Errors
/// The database's.
pub async fn user(tx: &mut Tx, id: UserId) -> sqlx::Result<Option<User>> {
    let row = fetch_optional!(tx, PersonRow, PERSON, id)?;
    Ok(row.map(Into::into))
}

/// How many people there are.
///
/// # Errors
/// The database's.
pub async fn count_users(tx: &mut Tx) -> sqlx::Result<i64> {
    Ok(fetch_optional!(tx, (i64,), COUNT_PEOPLE)?.map_or(0, |(count,)| count))
}

/// Changes a password's hash.
///
/// # Errors
/// The database's.
pub async fn set_password(tx: &mut Tx, id: UserId, hash: &str) -> sqlx::Result<()> {
    execute!(tx, SET_PASSWORD, id, hash).map(|_| ())
}

/// Makes a session; `hash` is the SHA-256 of the cookie's value.
///
/// # Errors
/// The database's.
pub async fn insert_session(tx: &mut Tx, session: &Session, hash: &[u8]) -> sqlx::Result<()> {
    execute!(
        tx,
        INSERT_SESSION,
        session.id,
        session.user,
        hash,
        &session.agent,
        session.created_at,
        session.expires_at
    )
    .map(|_| ())
}

/// The session with this hash that has not ended, and its person's team.
///
/// # Errors
/// The database's.
pub async fn session(tx: &mut Tx, hash: &[u8], now: Time) -> sqlx::Result<Option<(Session, TeamId)>> {
    let row = fetch_optional!(tx, SessionRow, SESSION, hash, now)?;
    Ok(row.map(SessionRow::split))
}

/// A person's sessions, newest first.
///
/// # Errors
/// The database's.
pub async fn sessions(tx: &mut Tx, user: UserId, now: Time) -> sqlx::Result<Vec<Session>> {
    let rows = fetch_all!(tx, SessionRow, SESSIONS, user, now)?;
    Ok(rows.into_iter().map(|row| row.split().0).collect())
}

/// Ends one session of a person; whether there was one.
///
/// # Errors
/// The database's.
pub async fn end_session(tx: &mut Tx, user: UserId, id: SessionId) -> sqlx::Result<bool> {
    let rows = execute!(tx, END_SESSION, id, user)?;
    Ok(rows > 0)
}

/// Ends all sessions of a person.
///
/// # Errors
/// The database's.
pub async fn end_sessions(tx: &mut Tx, user: UserId) -> sqlx::Result<()> {
    execute!(tx, END_SESSIONS, user).map(|_| ())
}

/// Ends all sessions of a person but one.
///
/// # Errors
/// The database's.
pub async fn end_other_sessions(tx: &mut Tx, user: UserId, keep: SessionId) -> sqlx::Result<()> {
    execute!(tx, END_OTHER_SESSIONS, user, keep).map(|_| ())
}

/// Removes sessions that have ended.
///
/// # Errors
/// The database's.
pub async fn sweep_sessions(tx: &mut Tx, now: Time) -> sqlx::Result<()> {
    execute!(tx, SWEEP_SESSIONS, now).map(|_| ())
}

/// Makes an API token; `hash` is the SHA-256 of its value.
///
/// # Errors
/// The database's.
pub async fn insert_token(tx: &mut Tx, token: &Token, hash: &[u8]) -> sqlx::Result<()> {
    execute!(tx, INSERT_TOKEN, token.id, token.user, &token.name, hash, token.created_at, token.expires_at)
        .map(|_| ())
}

/// The token with this hash that has not ended, and its person's team.
///
/// # Errors
/// The database's.
pub async fn token(tx: &mut Tx, hash: &[u8], now: Time) -> sqlx::Result<Option<(Token, TeamId)>> {
    let row = fetch_optional!(tx, TokenRow, TOKEN, hash, now)?;
    Ok(row.map(TokenRow::split))
}

/// A person's tokens, newest first.
///
/// # Errors
/// The database's.
pub async fn tokens(tx: &mut Tx, user: UserId) -> sqlx::Result<Vec<Token>> {
    let rows = fetch_all!(tx, TokenRow, TOKENS, user)?;
    Ok(rows.into_iter().map(|row| row.split().0).collect())
}

/// Notes that a token was used, at most once a minute.
///
/// # Errors
/// The database's.
pub async fn use_token(tx: &mut Tx, id: TokenId, now: Time) -> sqlx::Result<()> {
    let before = now - chrono::Duration::minutes(1);
    execute!(tx, USE_TOKEN, id, now, before).map(|_| ())
}

/// Ends a token of a person; whether there was one.
///
/// # Errors
/// The database's.
pub async fn end_token(tx: &mut Tx, user: UserId, id: TokenId) -> sqlx::Result<bool> {
    let rows = execute!(tx, END_TOKEN, id, user)?;
    Ok(rows > 0)
}

/// Ends all tokens of a person.
///
/// # Errors
/// The database's.
pub async fn end_tokens(tx: &mut Tx, user: UserId) -> sqlx::Result<()> {
    execute!(tx, END_TOKENS, user).map(|_| ())
}

/// Forgets failed logins of which the last was before `before`.
///
/// # Errors
/// The database's.
pub async fn sweep_failures(tx: &mut Tx, before: Time) -> sqlx::Result<()> {
    execute!(tx, SWEEP_FAILURES, before).map(|_| ())
}

/// Failed logins of a subject (an address of mail or network) and the time of the last.
///
/// # Errors
/// The database's.
pub async fn failures(tx: &mut Tx, subject: &str) -> sqlx::Result<Option<(i64, Time)>> {
    fetch_optional!(tx, (i64, Time), FAILURES, subject)
}

/// Holds a subject's row until the transaction ends, so that tries at once are counted one after
/// the other.
///
/// # Errors
/// The database's.
pub async fn hold_failures(tx: &mut Tx, subject: &str, now: Time) -> sqlx::Result<()> {
    execute!(tx, HOLD_FAILURES, subject, now).map(|_| ())
}

/// Counts a failed login.
///
/// # Errors
/// The database's.
pub async fn count_failure(tx: &mut Tx, subject: &str, now: Time) -> sqlx::Result<()> {
    execute!(tx, COUNT_FAILURE, subject, now).map(|_| ())
}

/// Forgets failed logins.
///
/// # Errors
/// The database's.
pub async fn clear_failures(tx: &mut Tx, subject: &str) -> sqlx::Result<()> {
    execute!(tx, CLEAR_FAILURES, subject).map(|_| ())
}
