//! People, sessions, tokens. Secrets are kept as hashes; looking one up needs the hash.

use super::{Tx, execute, fetch_all, fetch_optional};
use crate::domain::{
    clock::Time,
    id::{ProviderId, SessionId, TeamId, TokenId, UserId},
    identity::{Session, Token, User},
    name::Email,
    right::{Place, Rights},
    sso::Through,
};

const INSERT_PERSON: &str =
    "INSERT INTO person (id, email, password_hash, owner, created_at) VALUES ($1, $2, $3, $4, $5)";
const PERSON_BY_EMAIL: &str = "SELECT * FROM person WHERE email = $1";
const PERSON: &str = "SELECT * FROM person WHERE id = $1";
const PEOPLE: &str = "SELECT * FROM person WHERE service_team_id IS NULL ORDER BY email";
const COUNT_PEOPLE: &str = "SELECT count(*) FROM person WHERE service_team_id IS NULL";
const SET_PASSWORD: &str = "UPDATE person SET password_hash = $2 WHERE id = $1";
const INSERT_SESSION: &str = "INSERT INTO session (id, person_id, team_id, hash, agent, created_at, expires_at, \
    provider_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const SESSION: &str = "SELECT s.id, s.person_id, s.team_id, s.agent, s.created_at, s.expires_at, p.owner, s.provider_id, \
    i.team_id AS provider_team_id, COALESCE(t.sso_only, FALSE) AS sso_only FROM session s JOIN person p ON p.id = s.person_id \
    LEFT JOIN identity_provider i ON i.id = s.provider_id LEFT JOIN team t ON t.id = s.team_id \
    WHERE s.hash = $1 AND s.expires_at > $2 AND (s.provider_id IS NULL OR i.enabled)";
const SESSION_OF: &str = "SELECT s.id, s.person_id, s.team_id, s.agent, s.created_at, s.expires_at, p.owner, s.provider_id, \
    i.team_id AS provider_team_id, FALSE AS sso_only FROM session s JOIN person p ON p.id = s.person_id \
    LEFT JOIN identity_provider i ON i.id = s.provider_id \
    WHERE s.id = $1 AND s.expires_at > $2 AND (s.provider_id IS NULL OR i.enabled)";
const SESSIONS: &str = "SELECT s.id, s.person_id, s.team_id, s.agent, s.created_at, s.expires_at, p.owner, s.provider_id, \
    i.team_id AS provider_team_id, FALSE AS sso_only FROM session s JOIN person p ON p.id = s.person_id \
    LEFT JOIN identity_provider i ON i.id = s.provider_id WHERE s.person_id = $1 AND s.expires_at > $2 \
    ORDER BY s.created_at DESC";
const LOOK_AT: &str = "UPDATE session SET team_id = $2 WHERE id = $1";
const END_SESSION: &str = "DELETE FROM session WHERE id = $1 AND person_id = $2";
const END_SESSIONS: &str = "DELETE FROM session WHERE person_id = $1";
const END_OTHER_SESSIONS: &str = "DELETE FROM session WHERE person_id = $1 AND id <> $2";
const SWEEP_SESSIONS: &str = "DELETE FROM session WHERE expires_at <= $1";
const INSERT_TOKEN: &str = "INSERT INTO token (id, person_id, team_id, name, hash, rights, places, created_at, expires_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const TOKEN: &str = "SELECT t.id, t.person_id, t.team_id, t.name, t.rights, t.places, t.created_at, t.expires_at, \
    t.used_at, p.owner FROM token t JOIN person p ON p.id = t.person_id \
    JOIN member m ON m.team_id = t.team_id AND m.person_id = t.person_id \
    WHERE t.hash = $1 AND (t.expires_at IS NULL OR t.expires_at > $2)";
const TOKENS: &str = "SELECT t.id, t.person_id, t.team_id, t.name, t.rights, t.places, t.created_at, t.expires_at, \
    t.used_at, p.owner FROM token t JOIN person p ON p.id = t.person_id \
    WHERE t.person_id = $1 AND t.team_id = $2 ORDER BY t.created_at DESC";
const USE_TOKEN: &str = "UPDATE token SET used_at = $2 WHERE id = $1 AND (used_at IS NULL OR used_at < $3)";
const END_TOKEN: &str = "DELETE FROM token WHERE id = $1 AND person_id = $2";
const END_TOKENS: &str = "DELETE FROM token WHERE person_id = $1";
const END_TOKENS_OF_TEAM: &str = "DELETE FROM token WHERE person_id = $1 AND team_id = $2";
const SWEEP_FAILURES: &str = "DELETE FROM login_failure WHERE last_at <= $1";
const FAILURES: &str = "SELECT failures, last_at FROM login_failure WHERE subject = $1";
const HOLD_FAILURES: &str = "INSERT INTO login_failure (subject, failures, last_at) VALUES ($1, 0, $2) \
    ON CONFLICT (subject) DO UPDATE SET failures = login_failure.failures";
const COUNT_FAILURE: &str = "INSERT INTO login_failure (subject, failures, last_at) VALUES ($1, 1, $2) \
    ON CONFLICT (subject) DO UPDATE SET failures = login_failure.failures + 1, last_at = excluded.last_at";
const CLEAR_FAILURES: &str = "DELETE FROM login_failure WHERE subject = $1";

pub(super) const QUERIES: &[&str] = &[
    INSERT_PERSON,
    PERSON_BY_EMAIL,
    PERSON,
    PEOPLE,
    COUNT_PEOPLE,
    SET_PASSWORD,
    INSERT_SESSION,
    SESSION,
    SESSION_OF,
    SESSIONS,
    LOOK_AT,
    END_SESSION,
    END_SESSIONS,
    END_OTHER_SESSIONS,
    SWEEP_SESSIONS,
    INSERT_TOKEN,
    TOKEN,
    TOKENS,
    USE_TOKEN,
    END_TOKEN,
    END_TOKENS,
    END_TOKENS_OF_TEAM,
    SWEEP_FAILURES,
    FAILURES,
    HOLD_FAILURES,
    COUNT_FAILURE,
    CLEAR_FAILURES,
];

#[derive(sqlx::FromRow)]
struct PersonRow {
    id: UserId,
    email: Email,
    password_hash: Option<String>,
    owner: bool,
    service_team_id: Option<TeamId>,
    created_at: Time,
}

impl From<PersonRow> for User {
    fn from(row: PersonRow) -> Self {
        Self {
            id: row.id,
            email: row.email,
            password_hash: row.password_hash,
            owner: row.owner,
            service: row.service_team_id,
            created_at: row.created_at,
        }
    }
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    id: SessionId,
    person_id: UserId,
    team_id: Option<TeamId>,
    agent: String,
    created_at: Time,
    expires_at: Time,
    owner: bool,
    provider_id: Option<ProviderId>,
    provider_team_id: Option<TeamId>,
    sso_only: bool,
}

/// A session with what is to be known of its person and team.
#[derive(Debug, Clone)]
pub struct Found {
    /// The session.
    pub session: Session,
    /// Its person owns the instance.
    pub owner: bool,
    /// The team that it looks at wants its members to sign in through a provider of its own.
    pub sso_only: bool,
}

impl SessionRow {
    fn split(self) -> Found {
        let team = self.provider_team_id;
        let session = Session {
            through: self.provider_id.map(|provider| Through { provider, team }),
            id: self.id,
            user: self.person_id,
            team: self.team_id,
            created_at: self.created_at,
            expires_at: self.expires_at,
            agent: self.agent,
        };
        Found { session, owner: self.owner, sso_only: self.sso_only }
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct TokenRow {
    id: TokenId,
    person_id: UserId,
    team_id: TeamId,
    name: String,
    rights: Option<String>,
    places: Option<String>,
    created_at: Time,
    expires_at: Option<Time>,
    used_at: Option<Time>,
    owner: bool,
}

impl From<TokenRow> for Token {
    fn from(row: TokenRow) -> Self {
        Self {
            id: row.id,
            user: row.person_id,
            team: row.team_id,
            name: row.name,
            rights: row.rights.as_deref().map(Rights::of_names),
            places: row.places.map(|text| text.split(',').filter_map(Place::named).collect()),
            created_at: row.created_at,
            expires_at: row.expires_at,
            used_at: row.used_at,
        }
    }
}

/// Makes a person.
///
/// # Errors
/// The database's; a duplicate address.
pub async fn insert_user(tx: &mut Tx, user: &User) -> sqlx::Result<()> {
    execute!(
        tx,
        INSERT_PERSON,
        user.id,
        &user.email,
        user.password_hash.as_deref(),
        user.owner,
        user.created_at
    )
    .map(|_| ())
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

/// All people, by address, without service accounts.
///
/// # Errors
/// The database's.
pub async fn users(tx: &mut Tx) -> sqlx::Result<Vec<User>> {
    Ok(fetch_all!(tx, PersonRow, PEOPLE)?.into_iter().map(Into::into).collect())
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
        session.team,
        hash,
        &session.agent,
        session.created_at,
        session.expires_at,
        session.through.map(|through| through.provider)
    )
    .map(|_| ())
}

/// Says which team a session looks at.
///
/// # Errors
/// The database's.
pub async fn look_at(tx: &mut Tx, id: SessionId, team: Option<TeamId>) -> sqlx::Result<()> {
    execute!(tx, LOOK_AT, id, team).map(|_| ())
}

/// The session with this hash that has not ended.
///
/// # Errors
/// The database's.
pub async fn session(tx: &mut Tx, hash: &[u8], now: Time) -> sqlx::Result<Option<Found>> {
    let row = fetch_optional!(tx, SessionRow, SESSION, hash, now)?;
    Ok(row.map(SessionRow::split))
}

/// A session by its id, if it is not over.
///
/// # Errors
/// The database's.
pub async fn session_of(tx: &mut Tx, id: SessionId, now: Time) -> sqlx::Result<Option<Found>> {
    let row = fetch_optional!(tx, SessionRow, SESSION_OF, id, now)?;
    Ok(row.map(SessionRow::split))
}

/// A person's sessions, newest first.
///
/// # Errors
/// The database's.
pub async fn sessions(tx: &mut Tx, user: UserId, now: Time) -> sqlx::Result<Vec<Session>> {
    let rows = fetch_all!(tx, SessionRow, SESSIONS, user, now)?;
    Ok(rows.into_iter().map(|row| row.split().session).collect())
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
    let rights = token.rights.map(Rights::names);
    let places =
        token.places.as_ref().map(|all| all.iter().map(Place::to_string).collect::<Vec<_>>().join(","));
    execute!(
        tx,
        INSERT_TOKEN,
        token.id,
        token.user,
        token.team,
        &token.name,
        hash,
        rights.as_deref(),
        places.as_deref(),
        token.created_at,
        token.expires_at
    )
    .map(|_| ())
}

/// The token with this hash that has not ended and whose person is still in its team, and whether they
/// own the instance.
///
/// # Errors
/// The database's.
pub async fn token(tx: &mut Tx, hash: &[u8], now: Time) -> sqlx::Result<Option<(Token, bool)>> {
    let row = fetch_optional!(tx, TokenRow, TOKEN, hash, now)?;
    Ok(row.map(|row| {
        let owner = row.owner;
        (row.into(), owner)
    }))
}

/// A person's tokens for a team, newest first.
///
/// # Errors
/// The database's.
pub async fn tokens(tx: &mut Tx, user: UserId, team: TeamId) -> sqlx::Result<Vec<Token>> {
    Ok(fetch_all!(tx, TokenRow, TOKENS, user, team)?.into_iter().map(Into::into).collect())
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

/// Ends a person's tokens for a team.
///
/// # Errors
/// The database's.
pub async fn end_tokens_of_team(tx: &mut Tx, user: UserId, team: TeamId) -> sqlx::Result<()> {
    execute!(tx, END_TOKENS_OF_TEAM, user, team).map(|_| ())
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
