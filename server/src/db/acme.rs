//! Certificates, ACME accounts and open challenges.

use super::{Tx, execute, fetch_all, fetch_optional};
use crate::domain::{
    certificate::{Certificate, Challenge, Kind, Plan, State},
    clock::Time,
    host_pattern::HostPattern,
    id::{CertificateId, TeamId},
};

const WANT: &str = "INSERT INTO certificate (id, host, directory, state, next_try_at, failures) \
    VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT (host) DO NOTHING";
const CHOOSE: &str = "UPDATE certificate SET kind = $2, challenge = $3 WHERE host = $1";
const UNCOVER: &str = "UPDATE certificate SET state = $2, next_try_at = $3 WHERE state = $1";
const LOOK_AGAIN: &str = "UPDATE certificate SET next_try_at = $2 WHERE host = $1";
const BY_HOST: &str = "SELECT * FROM certificate WHERE host = $1";
const ALL: &str = "SELECT * FROM certificate ORDER BY host";
const BY_ID: &str = "SELECT * FROM certificate WHERE id = $1";
const OF_TEAM: &str = "SELECT DISTINCT c.* FROM certificate c JOIN domain d ON d.host = c.host OR d.other_host = c.host \
    JOIN app a ON a.id = d.app_id JOIN environment e ON e.id = a.environment_id \
    JOIN project p ON p.id = e.project_id WHERE p.team_id = $1 ORDER BY c.host";
// What is valid comes before what is not there, what ends first before the rest; one job for each host.
const DUE: &str = "SELECT * FROM certificate c WHERE c.next_try_at <= $1 AND NOT EXISTS \
    (SELECT 1 FROM job j WHERE j.lock_key = 'certificate:' || replace(c.host, '*.', '') AND j.status IN ('queued', 'running')) \
    ORDER BY CASE WHEN c.not_after IS NULL THEN 1 ELSE 0 END, c.not_after, c.next_try_at LIMIT $2";
const AT_WORK: &str =
    "SELECT count(*) FROM job WHERE kind = 'certificate' AND status IN ('queued', 'running')";
const LAST_IN_LINE: &str = "SELECT max(next_try_at) FROM certificate WHERE waits_for = $1";
const EXPIRING: &str = "SELECT * FROM certificate WHERE chain IS NOT NULL AND not_after < $1 \
    AND state <> 'ordering' ORDER BY not_after";
const SAVE: &str = "UPDATE certificate SET directory = $2, state = $3, reason = $4, chain = $5, sealed_key = $6, \
    not_before = $7, not_after = $8, tried_at = $9, next_try_at = $10, failures = $11, checks = $12 WHERE id = $1";
const SAVE_PLAN: &str = "UPDATE certificate SET renew_at = $2, ask_at = $3, explanation = $4, fault = $5, \
    problem = $6, issuer = $7, chosen = $8, passed = $9, waits_for = $10, forced = $11 WHERE id = $1";
const REMOVE_UNUSED: &str = "DELETE FROM certificate WHERE host <> $1 AND host NOT IN (SELECT host FROM domain) \
    AND host NOT IN (SELECT other_host FROM domain WHERE other_host IS NOT NULL)";
const ACCOUNT: &str = "SELECT sealed FROM acme_account WHERE directory = $1";
const PUT_ACCOUNT: &str = "INSERT INTO acme_account (directory, email, sealed, created_at) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (directory) DO NOTHING";
const FORGET_ACCOUNT: &str = "DELETE FROM acme_account WHERE directory = $1";
const PUT_CHALLENGE: &str = "INSERT INTO acme_challenge (token, key_authorization, host, expires_at) \
    VALUES ($1, $2, $3, $4) ON CONFLICT (token) DO UPDATE SET key_authorization = excluded.key_authorization";
const CHALLENGE: &str = "SELECT key_authorization FROM acme_challenge WHERE token = $1 AND expires_at > $2";
const REMOVE_CHALLENGE: &str = "DELETE FROM acme_challenge WHERE token = $1";
const SWEEP_CHALLENGES: &str = "DELETE FROM acme_challenge WHERE expires_at <= $1";

pub(super) const QUERIES: &[&str] = &[
    WANT,
    CHOOSE,
    UNCOVER,
    LOOK_AGAIN,
    BY_HOST,
    ALL,
    BY_ID,
    OF_TEAM,
    DUE,
    AT_WORK,
    LAST_IN_LINE,
    EXPIRING,
    SAVE,
    SAVE_PLAN,
    REMOVE_UNUSED,
    ACCOUNT,
    PUT_ACCOUNT,
    FORGET_ACCOUNT,
    PUT_CHALLENGE,
    CHALLENGE,
    REMOVE_CHALLENGE,
    SWEEP_CHALLENGES,
];

#[derive(sqlx::FromRow)]
struct Row {
    id: CertificateId,
    host: HostPattern,
    kind: Kind,
    challenge: Challenge,
    directory: String,
    state: State,
    reason: Option<String>,
    chain: Option<String>,
    sealed_key: Option<Vec<u8>>,
    not_before: Option<Time>,
    not_after: Option<Time>,
    tried_at: Option<Time>,
    next_try_at: Time,
    failures: i64,
    checks: i64,
    #[sqlx(flatten)]
    plan: PlanRow,
}

#[derive(sqlx::FromRow)]
struct PlanRow {
    renew_at: Option<Time>,
    ask_at: Option<Time>,
    explanation: Option<String>,
    fault: Option<String>,
    problem: Option<String>,
    issuer: Option<String>,
    chosen: Option<String>,
    passed: i64,
    waits_for: Option<String>,
    forced: bool,
}

impl From<PlanRow> for Plan {
    fn from(row: PlanRow) -> Self {
        Self {
            renew_at: row.renew_at,
            ask_at: row.ask_at,
            explanation: row.explanation,
            fault: row.fault,
            problem: row.problem,
            issuer: row.issuer,
            chosen: row.chosen,
            passed: row.passed,
            waits_for: row.waits_for,
            forced: row.forced,
        }
    }
}

impl From<Row> for Certificate {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            host: row.host,
            kind: row.kind,
            challenge: row.challenge,
            directory: row.directory,
            state: row.state,
            reason: row.reason,
            chain: row.chain,
            sealed_key: row.sealed_key,
            not_before: row.not_before,
            not_after: row.not_after,
            tried_at: row.tried_at,
            next_try_at: row.next_try_at,
            failures: row.failures,
            checks: row.checks,
            plan: row.plan.into(),
        }
    }
}

/// Says that a host needs a certificate; one that is there stays as it is.
///
/// # Errors
/// The database's.
pub async fn want(
    tx: &mut Tx,
    id: CertificateId,
    host: &HostPattern,
    directory: &str,
    now: Time,
) -> sqlx::Result<()> {
    execute!(tx, WANT, id, host, directory, State::Pending, now).map(|_| ())
}

/// Says who gives a host's certificate, and how the host is proved.
///
/// # Errors
/// The database's.
pub async fn choose(tx: &mut Tx, host: &HostPattern, kind: Kind, challenge: Challenge) -> sqlx::Result<()> {
    execute!(tx, CHOOSE, host, kind, challenge).map(|_| ())
}

/// Hosts that another certificate serves are looked at again at once: one came, or is gone.
///
/// # Errors
/// The database's.
pub async fn uncover(tx: &mut Tx, now: Time) -> sqlx::Result<()> {
    execute!(tx, UNCOVER, State::Covered, State::Pending, now).map(|_| ())
}

/// A host's certificate is looked at again at once: another one may serve it now.
///
/// # Errors
/// The database's.
pub async fn look_again(tx: &mut Tx, host: &HostPattern, now: Time) -> sqlx::Result<()> {
    execute!(tx, LOOK_AGAIN, host, now).map(|_| ())
}

/// A host's certificate.
///
/// # Errors
/// The database's.
pub async fn by_host(tx: &mut Tx, host: &HostPattern) -> sqlx::Result<Option<Certificate>> {
    Ok(fetch_optional!(tx, Row, BY_HOST, host)?.map(Into::into))
}

/// All certificates, by host.
///
/// # Errors
/// The database's.
pub async fn all(tx: &mut Tx) -> sqlx::Result<Vec<Certificate>> {
    Ok(fetch_all!(tx, Row, ALL)?.into_iter().map(Into::into).collect())
}

/// One certificate.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, id: CertificateId) -> sqlx::Result<Option<Certificate>> {
    Ok(fetch_optional!(tx, Row, BY_ID, id)?.map(Into::into))
}

/// The certificates of all hosts of a team, by host.
///
/// # Errors
/// The database's.
pub async fn of_team(tx: &mut Tx, team: TeamId) -> sqlx::Result<Vec<Certificate>> {
    Ok(fetch_all!(tx, Row, OF_TEAM, team)?.into_iter().map(Into::into).collect())
}

/// Jobs for certificates that wait or run.
///
/// # Errors
/// The database's.
pub async fn at_work(tx: &mut Tx) -> sqlx::Result<i64> {
    Ok(fetch_optional!(tx, (i64,), AT_WORK)?.map_or(0, |(count,)| count))
}

/// When the last of those goes on that wait for this limit.
///
/// # Errors
/// The database's.
pub async fn last_in_line(tx: &mut Tx, limit: &str) -> sqlx::Result<Option<Time>> {
    Ok(fetch_optional!(tx, (Option<Time>,), LAST_IN_LINE, limit)?.and_then(|(at,)| at))
}

/// Certificates that end before `until` and for which no order is on its way, first end first: what an
/// alert is about.
///
/// # Errors
/// The database's.
pub async fn expiring(tx: &mut Tx, until: Time) -> sqlx::Result<Vec<Certificate>> {
    Ok(fetch_all!(tx, Row, EXPIRING, until)?.into_iter().map(Into::into).collect())
}

/// Those whose next try is due and that no job is at work for: renewals first, the nearest end first.
///
/// # Errors
/// The database's.
pub async fn due(tx: &mut Tx, now: Time, limit: i64) -> sqlx::Result<Vec<Certificate>> {
    Ok(fetch_all!(tx, Row, DUE, now, limit)?.into_iter().map(Into::into).collect())
}

/// Writes a certificate's row.
///
/// # Errors
/// The database's.
pub async fn save(tx: &mut Tx, x: &Certificate) -> sqlx::Result<()> {
    execute!(
        tx,
        SAVE,
        x.id,
        &x.directory,
        x.state,
        &x.reason,
        &x.chain,
        &x.sealed_key,
        x.not_before,
        x.not_after,
        x.tried_at,
        x.next_try_at,
        x.failures,
        x.checks,
    )?;
    let plan = &x.plan;
    execute!(
        tx,
        SAVE_PLAN,
        x.id,
        plan.renew_at,
        plan.ask_at,
        &plan.explanation,
        &plan.fault,
        &plan.problem,
        &plan.issuer,
        &plan.chosen,
        plan.passed,
        &plan.waits_for,
        plan.forced,
    )
    .map(|_| ())
}

/// Forgets certificates of hosts that no domain has, but the platform's own.
///
/// # Errors
/// The database's.
pub async fn remove_unused(tx: &mut Tx, platform: &str) -> sqlx::Result<u64> {
    execute!(tx, REMOVE_UNUSED, platform)
}

/// The sealed account at a directory.
///
/// # Errors
/// The database's.
pub async fn account(tx: &mut Tx, directory: &str) -> sqlx::Result<Option<Vec<u8>>> {
    Ok(fetch_optional!(tx, (Vec<u8>,), ACCOUNT, directory)?.map(|(sealed,)| sealed))
}

/// Keeps an account; the first one stays.
///
/// # Errors
/// The database's.
pub async fn put_account(
    tx: &mut Tx,
    directory: &str,
    email: Option<&str>,
    sealed: &[u8],
    now: Time,
) -> sqlx::Result<()> {
    execute!(tx, PUT_ACCOUNT, directory, email, sealed, now).map(|_| ())
}

/// Forgets the account at a directory, which does not know it any more.
///
/// # Errors
/// The database's.
pub async fn forget_account(tx: &mut Tx, directory: &str) -> sqlx::Result<()> {
    execute!(tx, FORGET_ACCOUNT, directory).map(|_| ())
}

/// Presents a challenge: any replica may be asked for it.
///
/// # Errors
/// The database's.
pub async fn put_challenge(
    tx: &mut Tx,
    token: &str,
    answer: &str,
    host: &str,
    until: Time,
) -> sqlx::Result<()> {
    execute!(tx, PUT_CHALLENGE, token, answer, host, until).map(|_| ())
}

/// The answer to a challenge that is open.
///
/// # Errors
/// The database's.
pub async fn challenge(tx: &mut Tx, token: &str, now: Time) -> sqlx::Result<Option<String>> {
    Ok(fetch_optional!(tx, (String,), CHALLENGE, token, now)?.map(|(answer,)| answer))
}

/// Takes a challenge back.
///
/// # Errors
/// The database's.
pub async fn remove_challenge(tx: &mut Tx, token: &str) -> sqlx::Result<()> {
    execute!(tx, REMOVE_CHALLENGE, token).map(|_| ())
}

/// Removes challenges that are over.
///
/// # Errors
/// The database's.
pub async fn sweep_challenges(tx: &mut Tx, now: Time) -> sqlx::Result<()> {
    execute!(tx, SWEEP_CHALLENGES, now).map(|_| ())
}
