//! The audit log: chains, their entries and checkpoints, and the key that signs.
//!
//! Nothing here changes or removes an entry but [`sweep`], which takes away a beginning that was signed
//! as removed; triggers refuse all else. A chain's own row says where it ends: whoever appends takes it
//! first, so that two at once cannot both follow the same entry.

mod list;
mod sign;

use super::{Tx, execute, fetch_all, fetch_optional, later};
use crate::domain::{
    audit::{Entry, Head, Note, genesis},
    id::TeamId,
};

pub use list::{Filter, list};
pub use sign::{
    Chain, Due, border, checkpoints, due, hold, insert_checkpoint, insert_key, key, oldest_after, swept,
};

/// Takes the chain's row, and the next place. `$2` is what a chain begins with.
const NEXT: &str = "INSERT INTO audit_chain (team_id, seq, hash, first_seq, checkpoints, oldest_checkpoint, signed_seq, \
    signed_at, swept_at) VALUES ($1, 1, $2, 1, 0, 1, 0, 0, 0) \
    ON CONFLICT (team_id) DO UPDATE SET seq = audit_chain.seq + 1 RETURNING seq, hash";
const INSERT: &str = "INSERT INTO audit_entry (team_id, seq, at, doer, person, called, means, means_id, address, action, \
    outcome, code, kind, object, name, project, environment, changes, request, hash) VALUES \
    ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)";
const END: &str = "UPDATE audit_chain SET hash = $2 WHERE team_id = $1";
const HEAD: &str = "SELECT team_id, seq, hash, checkpoints FROM audit_chain WHERE team_id = $1";
const AFTER: &str = "SELECT * FROM audit_entry WHERE team_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";
/// One view of all rows for a whole transaction; SQLite has no other kind.
const STEADY_POSTGRES: &str = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ";

const OWN: &[&str] = &[NEXT, INSERT, END, HEAD, AFTER];
pub(super) const QUERIES: &[&[&str]] = &[OWN, list::QUERIES, sign::QUERIES];

#[derive(sqlx::FromRow)]
struct Row {
    team_id: TeamId,
    seq: i64,
    at: i64,
    doer: String,
    person: String,
    called: String,
    means: String,
    means_id: String,
    address: String,
    action: String,
    outcome: String,
    code: String,
    kind: String,
    object: String,
    name: String,
    project: String,
    environment: String,
    changes: String,
    request: String,
    hash: String,
}

impl From<Row> for Entry {
    fn from(row: Row) -> Self {
        Self {
            team: row.team_id,
            seq: row.seq,
            at: row.at,
            doer: row.doer,
            person: row.person,
            called: row.called,
            means: row.means,
            means_id: row.means_id,
            address: row.address,
            action: row.action,
            outcome: row.outcome,
            code: row.code,
            kind: row.kind,
            object: row.object,
            name: row.name,
            project: row.project,
            environment: row.environment,
            changes: row.changes,
            request: row.request,
            hash: row.hash,
        }
    }
}

/// Records what was done, in the transaction that does it, as its last statements: whoever appends to the
/// same chain waits from here to the end of the transaction. Who appends to two chains takes the team's
/// first.
///
/// # Errors
/// The database's.
pub async fn append(tx: &mut Tx, note: Note) -> sqlx::Result<Entry> {
    let next = fetch_optional!(tx, (i64, String), NEXT, note.team, genesis(note.team))?;
    let (seq, before) = next.ok_or(sqlx::Error::RowNotFound)?;
    let e = note.follow(seq, &before);
    later!(
        tx,
        INSERT,
        e.team,
        e.seq,
        e.at,
        &e.doer,
        &e.person,
        &e.called,
        &e.means,
        &e.means_id,
        &e.address,
        &e.action,
        &e.outcome,
        &e.code,
        &e.kind,
        &e.object,
        &e.name,
        &e.project,
        &e.environment,
        &e.changes,
        &e.request,
        &e.hash,
    )?;
    execute!(tx, END, e.team, &e.hash)?;
    Ok(e)
}

#[derive(sqlx::FromRow)]
struct HeadRow {
    team_id: TeamId,
    seq: i64,
    hash: String,
    checkpoints: i64,
}

/// What a chain says of itself; none if it was never begun.
///
/// # Errors
/// The database's.
pub async fn head(tx: &mut Tx, team: TeamId) -> sqlx::Result<Option<Head>> {
    let row = fetch_optional!(tx, HeadRow, HEAD, team)?;
    Ok(row.map(|row| Head { team: row.team_id, seq: row.seq, hash: row.hash, checkpoints: row.checkpoints }))
}

/// The next entries after `seq`, in the order of the chain.
///
/// # Errors
/// The database's.
pub async fn after(tx: &mut Tx, team: TeamId, seq: i64, count: i64) -> sqlx::Result<Vec<Entry>> {
    Ok(fetch_all!(tx, Row, AFTER, team, seq, count)?.into_iter().map(Into::into).collect())
}

/// Makes a fresh transaction see one state of all rows to its end, whatever others commit meanwhile.
///
/// # Errors
/// The database's.
pub async fn steady(tx: &mut Tx) -> sqlx::Result<()> {
    match tx {
        Tx::Sqlite(_) => Ok(()),
        Tx::Postgres(tx) => sqlx::query(STEADY_POSTGRES).execute(&mut **tx).await.map(drop),
    }
}
