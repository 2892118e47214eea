//! Jobs: durable work under leases. Claim, renew, finish and fail are fenced by
//! (`leased_by`, `attempt`): a worker that lost its lease changes nothing.
//!
//! Leases and due times are counted by the database's clock, so that a jump of one machine's clock
//! neither frees nor keeps a job. Nothing is ever written further ahead than [`LEASE`] or
//! [`LONGEST_WAIT`]: what lies beyond was written before the database's own clock was set back, and
//! is due.

use std::collections::HashSet;

use chrono::Duration;
use sqlx::types::Json;

use super::{Tx, execute, fetch_all, fetch_optional, later, now};
use crate::domain::{
    clock::Time,
    id::JobId,
    job::{Claim, Work},
};

const INSERT: &str = "INSERT INTO job (id, kind, payload, lock_key, run_at, status, attempt, max_attempts, created_at) \
    VALUES ($1, $2, $3, $4, $5, 'queued', 0, $6, $5)";
/// `$1` now, `$2` and `$3` what lies beyond the longest wait and the longest lease.
macro_rules! due {
    ($what:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $what,
            " FROM job j WHERE ((j.status = 'queued' AND (j.run_at <= $1 OR j.run_at > $2)) \
              OR (j.status = 'running' AND (j.leased_until < $1 OR j.leased_until > $3))) \
            AND NOT EXISTS (SELECT 1 FROM job o WHERE o.lock_key = j.lock_key AND o.status = 'running' \
              AND o.id <> j.id) \
            AND NOT (j.kind = 'deploy' AND EXISTS (SELECT 1 FROM job o WHERE o.lock_key = j.lock_key \
              AND o.status = 'queued' AND o.attempt > 0 AND o.kind = 'deploy' AND o.id < j.id)) ",
            $rest
        )
    };
}

const DUE: &str =
    due!("j.id, j.lock_key, j.payload, j.attempt, j.max_attempts", "ORDER BY j.run_at, j.id LIMIT $4");
const ANY_DUE: &str = due!("j.id", "LIMIT 1");
const CLAIM: &str = "UPDATE job SET status = 'running', leased_by = $3, leased_until = $4, attempt = attempt + 1 \
    WHERE id = $1 AND attempt = $2 AND (status = 'queued' \
      OR (status = 'running' AND (leased_until < $5 OR leased_until > $6)))";
const RENEW: &str = "UPDATE job SET leased_until = $4 \
    WHERE id = $1 AND leased_by = $2 AND attempt = $3 AND status = 'running'";
const FINISH: &str = "UPDATE job SET status = 'done', finished_at = $4, leased_by = NULL, leased_until = NULL \
    WHERE id = $1 AND leased_by = $2 AND attempt = $3 AND status = 'running'";
const RETRY: &str = "UPDATE job SET status = 'queued', run_at = $4, last_error = $5, leased_by = NULL, \
    leased_until = NULL WHERE id = $1 AND leased_by = $2 AND attempt = $3 AND status = 'running'";
const WAIT: &str = "UPDATE job SET status = 'queued', run_at = $4, last_error = $5, max_attempts = max_attempts + 1, \
    leased_by = NULL, leased_until = NULL WHERE id = $1 AND leased_by = $2 AND attempt = $3 AND status = 'running'";
const HURRY: &str = "UPDATE job SET run_at = $2 WHERE lock_key = $1 AND status = 'queued' AND run_at > $2";
const WITHDRAW: &str = "DELETE FROM job WHERE id = $1 AND status = 'queued' AND attempt = 0";
const HAND_BACK: &str = "UPDATE job SET status = 'queued', attempt = attempt - 1, leased_by = NULL, leased_until = NULL \
    WHERE id = $1 AND leased_by = $2 AND attempt = $3 AND status = 'running'";
const SET_ASIDE: &str = "UPDATE job SET status = 'poison', finished_at = $4, last_error = $5, leased_by = NULL, \
    leased_until = NULL WHERE id = $1 AND leased_by = $2 AND attempt = $3 AND status = 'running'";
const OPEN_OF_KEY: &str =
    "SELECT count(*) FROM job WHERE lock_key = $1 AND kind = $2 AND status IN ('queued', 'running')";
const WAITS: &str = "SELECT count(*) FROM job WHERE id = $1 AND status IN ('queued', 'running')";
const COUNT: &str = "SELECT status, count(*) FROM job WHERE status <> 'done' GROUP BY status";
const FREE_ALL: &str = "UPDATE job SET leased_until = created_at WHERE status = 'running'";
const SWEEP: &str = "DELETE FROM job WHERE status = 'done' AND finished_at < $1";

pub(super) const QUERIES: &[&str] = &[
    INSERT,
    DUE,
    ANY_DUE,
    CLAIM,
    RENEW,
    FINISH,
    RETRY,
    WAIT,
    HURRY,
    WITHDRAW,
    HAND_BACK,
    SET_ASIDE,
    OPEN_OF_KEY,
    WAITS,
    COUNT,
    FREE_ALL,
    SWEEP,
];

/// How long a claim holds without being renewed.
pub const LEASE: Duration = Duration::seconds(15);
/// The longest wait between two tries.
pub const LONGEST_WAIT: Duration = Duration::seconds(60);
/// Two replicas' transactions overlap: so much later a time may look than it was written.
const SLACK: Duration = Duration::seconds(5);

#[derive(sqlx::FromRow)]
struct Due {
    id: JobId,
    lock_key: String,
    payload: sqlx::types::Json<serde_json::Value>,
    attempt: i64,
    max_attempts: i64,
}

/// Adds a job in the transaction of the change that causes it; due at once. Jobs with one
/// `lock_key` run one after the other.
///
/// # Errors
/// The database's.
pub async fn enqueue(tx: &mut Tx, id: JobId, work: &Work, lock_key: &str) -> sqlx::Result<()> {
    let now = now(tx).await?;
    later!(tx, INSERT, id, work.kind(), Json(work), lock_key, now, 20_i64)
}

/// What lies beyond the longest wait and the longest lease.
fn far(now: Time) -> [Time; 2] {
    [now + LONGEST_WAIT + SLACK, now + LEASE + SLACK]
}

/// Whether [`claim`] may find something: asked first, it needs no place among those who write.
///
/// # Errors
/// The database's.
pub async fn any_due(tx: &mut Tx) -> sqlx::Result<bool> {
    let now = now(tx).await?;
    let [beyond, ahead] = far(now);
    Ok(fetch_optional!(tx, (JobId,), ANY_DUE, now, beyond, ahead)?.is_some())
}

/// Claims up to `limit` due jobs for `worker`, one for each lock key, but those in `busy`, which
/// that very worker has in hand, should it be late to renew their leases. A deployment that has begun
/// and waits for another try goes before later ones of its app, not before anything else of it. A row
/// whose payload this program cannot read is set aside as poison and is not given.
///
/// # Errors
/// The database's.
pub async fn claim(tx: &mut Tx, worker: &str, limit: i64, busy: &HashSet<JobId>) -> sqlx::Result<Vec<Claim>> {
    let now = now(tx).await?;
    let until = now + LEASE;
    let [beyond, ahead] = far(now);
    let mut claims: Vec<Claim> = Vec::new();
    let mut keys = HashSet::new();
    for due in fetch_all!(tx, Due, DUE, now, beyond, ahead, limit)? {
        if busy.contains(&due.id) || !keys.insert(due.lock_key) {
            continue;
        }
        match tx {
            // Nobody else writes until this commits, with which it travels.
            Tx::Sqlite(_) => later!(tx, CLAIM, due.id, due.attempt, worker, until, now, ahead)?,
            // Another worker may take it, or one of the same key, between the two statements: then the
            // index refuses, this round ends with an error, and the next comes at once.
            Tx::Postgres(_) => {
                if execute!(tx, CLAIM, due.id, due.attempt, worker, until, now, ahead)? == 0 {
                    continue;
                }
            }
        }
        let attempt = due.attempt + 1;
        match serde_json::from_value::<Work>(due.payload.0) {
            Ok(work) => claims.push(Claim {
                id: due.id,
                work,
                worker: worker.to_owned(),
                attempt,
                max_attempts: due.max_attempts,
                leased_until: until,
            }),
            Err(error) => {
                let why = format!("the payload cannot be read: {error}");
                execute!(tx, SET_ASIDE, due.id, worker, attempt, now, why)?;
            }
        }
    }
    Ok(claims)
}

/// Holds a claim for another lease; false if it was lost.
///
/// # Errors
/// The database's.
pub async fn renew(tx: &mut Tx, claim: &Claim) -> sqlx::Result<bool> {
    let until = now(tx).await? + LEASE;
    Ok(execute!(tx, RENEW, claim.id, &claim.worker, claim.attempt, until)? > 0)
}

/// The work is done; false if the claim was lost.
///
/// # Errors
/// The database's.
pub async fn finish(tx: &mut Tx, claim: &Claim, now: Time) -> sqlx::Result<bool> {
    Ok(execute!(tx, FINISH, claim.id, &claim.worker, claim.attempt, now)? > 0)
}

/// What waits for another try under this key is due now: something changed for it.
///
/// # Errors
/// The database's.
pub async fn hurry(tx: &mut Tx, lock_key: &str) -> sqlx::Result<()> {
    let now = now(tx).await?;
    execute!(tx, HURRY, lock_key, now).map(|_| ())
}

/// Takes a job away that nobody has begun. One that began stays: its worker finds out by itself.
///
/// # Errors
/// The database's.
pub async fn withdraw(tx: &mut Tx, id: JobId) -> sqlx::Result<()> {
    later!(tx, WITHDRAW, id)
}

/// The work is to be tried again after `wait`, at most [`LONGEST_WAIT`]; false if the claim was lost.
///
/// # Errors
/// The database's.
pub async fn retry(tx: &mut Tx, claim: &Claim, wait: Duration, why: &str) -> sqlx::Result<bool> {
    let run_at = now(tx).await? + wait.min(LONGEST_WAIT);
    Ok(execute!(tx, RETRY, claim.id, &claim.worker, claim.attempt, run_at, why)? > 0)
}

/// It is not the work's turn: it is looked at again after `wait`, and that does not count as a try; false if
/// the claim was lost.
///
/// # Errors
/// The database's.
pub async fn wait(tx: &mut Tx, claim: &Claim, wait: Duration, why: &str) -> sqlx::Result<bool> {
    let run_at = now(tx).await? + wait.min(LONGEST_WAIT);
    Ok(execute!(tx, WAIT, claim.id, &claim.worker, claim.attempt, run_at, why)? > 0)
}

/// The worker stops: somebody else may go on at once, and it does not count as a try.
///
/// # Errors
/// The database's.
pub async fn hand_back(tx: &mut Tx, claim: &Claim) -> sqlx::Result<bool> {
    Ok(execute!(tx, HAND_BACK, claim.id, &claim.worker, claim.attempt)? > 0)
}

/// The work will never succeed: it is set aside, and the rest goes on.
///
/// # Errors
/// The database's.
pub async fn set_aside(tx: &mut Tx, claim: &Claim, why: &str, now: Time) -> sqlx::Result<bool> {
    Ok(execute!(tx, SET_ASIDE, claim.id, &claim.worker, claim.attempt, now, why)? > 0)
}

/// Ends all leases: whoever held them is gone. For a start of the embedded profile, which has
/// one process, and for tests.
///
/// # Errors
/// The database's.
pub async fn free_all(tx: &mut Tx) -> sqlx::Result<u64> {
    execute!(tx, FREE_ALL)
}

/// Whether a job of that kind waits or runs under that key.
///
/// # Errors
/// The database's.
pub async fn is_open(tx: &mut Tx, lock_key: &str, kind: &str) -> sqlx::Result<bool> {
    Ok(fetch_optional!(tx, (i64,), OPEN_OF_KEY, lock_key, kind)?.is_some_and(|(count,)| count > 0))
}

/// Whether that job waits or runs.
///
/// # Errors
/// The database's.
pub async fn waits(tx: &mut Tx, id: JobId) -> sqlx::Result<bool> {
    Ok(fetch_optional!(tx, (i64,), WAITS, id)?.is_some_and(|(count,)| count > 0))
}

/// How many jobs there are in each status but `done`.
///
/// # Errors
/// The database's.
pub async fn count(tx: &mut Tx) -> sqlx::Result<Vec<(String, i64)>> {
    fetch_all!(tx, (String, i64), COUNT)
}

/// Forgets jobs that were done before `before`.
///
/// # Errors
/// The database's.
pub async fn sweep(tx: &mut Tx, before: Time) -> sqlx::Result<u64> {
    execute!(tx, SWEEP, before)
}
