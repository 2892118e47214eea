//! Checkpoints of the chains, what of them is due, and the instance's key.

use super::{Tx, execute, fetch_all, fetch_optional};
use crate::domain::{
    audit::{Checkpoint, PublicKey, REMOVED},
    id::TeamId,
};

const DUE: &str = "SELECT team_id FROM audit_chain \
    WHERE seq > signed_seq AND (seq - signed_seq >= $1 OR signed_at <= $2)";
const OLD: &str = "SELECT team_id FROM audit_chain WHERE seq > first_seq AND swept_at <= $1";
/// Takes the chain's row: nobody appends until the transaction ends.
const HOLD: &str = "UPDATE audit_chain SET seq = seq WHERE team_id = $1 \
    RETURNING seq, hash, first_seq, checkpoints, oldest_checkpoint, signed_seq, swept_at";
const INSERT: &str = "INSERT INTO audit_checkpoint (team_id, number, kind, seq, hash, oldest, at, signature) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const SIGNED: &str =
    "UPDATE audit_chain SET checkpoints = $2, signed_seq = $3, signed_at = $4 WHERE team_id = $1";
const REMOVE: &str =
    "UPDATE audit_chain SET checkpoints = $2, first_seq = $3, oldest_checkpoint = $4 WHERE team_id = $1";
const SWEPT: &str = "UPDATE audit_chain SET swept_at = $2 WHERE team_id = $1";
const FORGET_ENTRIES: &str = "DELETE FROM audit_entry WHERE team_id = $1 AND seq <= $2";
const FORGET_CHECKPOINTS: &str = "DELETE FROM audit_checkpoint WHERE team_id = $1 AND number < $2";
const ALL: &str = "SELECT * FROM audit_checkpoint WHERE team_id = $1 ORDER BY number";
const FIRST_NOT_OLD: &str =
    "SELECT seq FROM audit_entry WHERE team_id = $1 AND at >= $2 ORDER BY seq LIMIT 1";
const HASH: &str = "SELECT hash FROM audit_entry WHERE team_id = $1 AND seq = $2";
const OLDEST_AFTER: &str =
    "SELECT min(number) FROM audit_checkpoint WHERE team_id = $1 AND kind = 'head' AND seq > $2";
const KEY: &str = "SELECT public, sealed FROM audit_key WHERE name = 'instance'";
const INSERT_KEY: &str =
    "INSERT INTO audit_key (name, public, sealed) VALUES ('instance', $1, $2) ON CONFLICT (name) DO NOTHING";

pub(super) const QUERIES: &[&str] = &[
    DUE,
    OLD,
    HOLD,
    INSERT,
    SIGNED,
    REMOVE,
    SWEPT,
    FORGET_ENTRIES,
    FORGET_CHECKPOINTS,
    ALL,
    FIRST_NOT_OLD,
    HASH,
    OLDEST_AFTER,
    KEY,
    INSERT_KEY,
];

/// What chains are asked for.
#[derive(Debug, Clone, Copy)]
pub enum Due {
    /// Those with so many entries that are not signed, or with any that was not since that time
    /// (microseconds since 1970).
    Sign(i64, i64),
    /// Those that were not swept since that time.
    Sweep(i64),
}

/// A chain's own row.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Chain {
    /// The newest entry.
    pub seq: i64,
    /// Its hash.
    pub hash: String,
    /// The oldest entry that is kept.
    pub first_seq: i64,
    /// The newest checkpoint's number.
    pub checkpoints: i64,
    /// The oldest one's that is kept.
    pub oldest_checkpoint: i64,
    /// The newest entry that is signed.
    pub signed_seq: i64,
    /// When it was last looked for old entries: microseconds since 1970.
    pub swept_at: i64,
}

/// Chains for which something is due.
///
/// # Errors
/// The database's.
pub async fn due(tx: &mut Tx, what: Due) -> sqlx::Result<Vec<TeamId>> {
    let rows = match what {
        Due::Sign(count, since) => fetch_all!(tx, (TeamId,), DUE, count, since)?,
        Due::Sweep(since) => fetch_all!(tx, (TeamId,), OLD, since)?,
    };
    Ok(rows.into_iter().map(|(team,)| team).collect())
}

/// Takes a chain's row until the transaction ends.
///
/// # Errors
/// The database's.
pub async fn hold(tx: &mut Tx, team: TeamId) -> sqlx::Result<Option<Chain>> {
    fetch_optional!(tx, Chain, HOLD, team)
}

/// Keeps a checkpoint, and does what it signs: the chain is signed up to there, or the entries up to there
/// and the checkpoints before its `first` are removed. The chain must be held.
///
/// # Errors
/// The database's.
pub async fn insert_checkpoint(tx: &mut Tx, c: &Checkpoint) -> sqlx::Result<()> {
    execute!(tx, INSERT, c.team, c.number, &c.kind, c.seq, &c.hash, c.first, c.at, &c.signature)?;
    if c.kind != REMOVED {
        return execute!(tx, SIGNED, c.team, c.number, c.seq, c.at).map(drop);
    }
    execute!(tx, REMOVE, c.team, c.number, c.seq + 1, c.first)?;
    execute!(tx, FORGET_ENTRIES, c.team, c.seq)?;
    execute!(tx, FORGET_CHECKPOINTS, c.team, c.first).map(drop)
}

/// Notes that a chain was looked at for old entries.
///
/// # Errors
/// The database's.
pub async fn swept(tx: &mut Tx, team: TeamId, at: i64) -> sqlx::Result<()> {
    execute!(tx, SWEPT, team, at).map(drop)
}

/// The last entry, and its hash, of a beginning that is all older than `before`; of at most `most`
/// entries, and never the chain's newest.
///
/// # Errors
/// The database's.
pub async fn border(
    tx: &mut Tx,
    team: TeamId,
    chain: &Chain,
    before: i64,
    most: i64,
) -> sqlx::Result<Option<(i64, String)>> {
    let first = fetch_optional!(tx, (i64,), FIRST_NOT_OLD, team, before)?.map_or(chain.seq, |(seq,)| seq);
    let last = (first - 1).min(chain.first_seq - 1 + most);
    if last < chain.first_seq {
        return Ok(None);
    }
    Ok(fetch_optional!(tx, (String,), HASH, team, last)?.map(|(hash,)| (last, hash)))
}

/// The number of the oldest checkpoint that signs an entry after `seq`.
///
/// # Errors
/// The database's.
pub async fn oldest_after(tx: &mut Tx, team: TeamId, seq: i64) -> sqlx::Result<Option<i64>> {
    Ok(fetch_optional!(tx, (Option<i64>,), OLDEST_AFTER, team, seq)?.and_then(|(number,)| number))
}

#[derive(sqlx::FromRow)]
struct Row {
    team_id: TeamId,
    number: i64,
    kind: String,
    seq: i64,
    hash: String,
    oldest: i64,
    at: i64,
    signature: String,
}

/// All checkpoints of a chain, oldest first.
///
/// # Errors
/// The database's.
pub async fn checkpoints(tx: &mut Tx, team: TeamId) -> sqlx::Result<Vec<Checkpoint>> {
    let rows = fetch_all!(tx, Row, ALL, team)?;
    let checkpoint = |row: Row| Checkpoint {
        team: row.team_id,
        number: row.number,
        kind: row.kind,
        seq: row.seq,
        hash: row.hash,
        first: row.oldest,
        at: row.at,
        signature: row.signature,
    };
    Ok(rows.into_iter().map(checkpoint).collect())
}

/// The key: its public half, and the secret one, sealed.
///
/// # Errors
/// The database's.
pub async fn key(tx: &mut Tx) -> sqlx::Result<Option<(String, Vec<u8>)>> {
    fetch_optional!(tx, (String, Vec<u8>), KEY)
}

/// Keeps the key, unless there is one.
///
/// # Errors
/// The database's.
pub async fn insert_key(tx: &mut Tx, public: &PublicKey, sealed: &[u8]) -> sqlx::Result<()> {
    execute!(tx, INSERT_KEY, public.to_string(), sealed).map(drop)
}
