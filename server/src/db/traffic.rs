//! What the edges counted, which edges there are, when counts are missing, and what is watched now.
//!
//! A report adds text behind the text that is there, in one statement for each domain and window: no edge
//! reads before it writes, and two at once are in each other's way no longer than a row is locked.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{Tx, execute, fetch_all, fetch_optional};
use crate::domain::{
    id::{AppId, DomainId},
    traffic::{Counts, Summary},
};

/// A domain that is gone since takes nothing.
const ADD: &str = "INSERT INTO traffic (domain_id, span, at, counts) \
    SELECT id, CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS TEXT) FROM domain WHERE id = $1 \
    ON CONFLICT (domain_id, span, at) DO UPDATE SET counts = traffic.counts || excluded.counts";
/// Whoever deletes a row has its counts, so that two servers never add the same twice.
const TAKE: &str = "DELETE FROM traffic WHERE domain_id = $1 AND span = $2 AND at < $3 \
    RETURNING domain_id, span, at, counts";
const OLD: &str = "SELECT domain_id FROM traffic WHERE span = $1 AND at < $2 ORDER BY at, domain_id LIMIT $3";
const OF_APP: &str = "SELECT t.domain_id, t.span, t.at, t.counts FROM domain d JOIN traffic t ON t.domain_id = d.id \
    WHERE d.app_id = $1 AND (d.id = $2 OR $2 IS NULL) AND t.at >= $3 AND t.at < $4 ORDER BY t.at";
const EDGE: &str =
    "SELECT edge_id, node, seq, until_at, uncounted, ended FROM traffic_edge WHERE edge_id = $1";
const NOTE: &str = "INSERT INTO traffic_edge (edge_id, node, seq, until_at, uncounted, ended) VALUES ($1, $2, $3, $4, $5, $6) \
    ON CONFLICT (edge_id) DO UPDATE SET node = excluded.node, seq = excluded.seq, until_at = excluded.until_at, \
    uncounted = excluded.uncounted, ended = excluded.ended WHERE traffic_edge.seq < excluded.seq";
const SILENT: &str = "SELECT edge_id, node, seq, until_at, uncounted, ended FROM traffic_edge \
    WHERE ended = 0 AND until_at < $1 ORDER BY until_at";
const GONE: &str = "UPDATE traffic_edge SET ended = 1 WHERE edge_id = $1 AND until_at = $2 AND ended = 0";
const SWEEP_EDGES: &str = "DELETE FROM traffic_edge WHERE until_at < $1";
const MISS: &str = "INSERT INTO traffic_gap (edge_id, from_at, until_at, node, uncounted) VALUES ($1, $2, $3, $4, $5) \
    ON CONFLICT (edge_id, from_at) DO UPDATE SET until_at = excluded.until_at, \
    uncounted = traffic_gap.uncounted + excluded.uncounted";
const MISSING: &str = "SELECT node, from_at, until_at, uncounted FROM traffic_gap \
    WHERE until_at > $1 AND from_at < $2 ORDER BY from_at LIMIT 1000";
const SWEEP_GAPS: &str = "DELETE FROM traffic_gap WHERE until_at < $1";
const WATCH: &str = "INSERT INTO traffic_watch (domain_id, until_at) SELECT id, CAST($2 AS BIGINT) FROM domain WHERE id = $1 \
    ON CONFLICT (domain_id) DO UPDATE SET until_at = excluded.until_at";
const WATCHED: &str = "SELECT domain_id FROM traffic_watch WHERE until_at > $1 LIMIT 1000";
const SWEEP_WATCHED: &str = "DELETE FROM traffic_watch WHERE until_at <= $1";

pub(super) const QUERIES: &[&str] = &[
    ADD,
    TAKE,
    OLD,
    OF_APP,
    EDGE,
    NOTE,
    SILENT,
    GONE,
    SWEEP_EDGES,
    MISS,
    MISSING,
    SWEEP_GAPS,
    WATCH,
    WATCHED,
    SWEEP_WATCHED,
];

/// Counts of a domain.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Row {
    /// The domain.
    pub domain_id: DomainId,
    /// Seconds that they are of.
    pub span: i64,
    /// From when: seconds since 1970.
    pub at: i64,
    /// [`Counts`](crate::domain::traffic::Counts) as text.
    pub counts: String,
}

/// A process of an edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// Its own id, new at each start.
    pub id: Uuid,
    /// The machine's name.
    pub node: String,
    /// The number of its last report.
    pub seq: i64,
    /// Until when it told what it counted: seconds since 1970.
    pub until: i64,
    /// Lines that it did not count, since it began.
    pub uncounted: i64,
    /// It said that it ends, or was not heard of for long.
    pub ended: bool,
}

#[derive(sqlx::FromRow)]
struct EdgeRow {
    edge_id: Uuid,
    node: String,
    seq: i64,
    until_at: i64,
    uncounted: i64,
    ended: i64,
}

impl From<EdgeRow> for Edge {
    fn from(row: EdgeRow) -> Self {
        let EdgeRow { edge_id: id, node, seq, until_at: until, uncounted, ended } = row;
        Self { id, node, seq, until, uncounted, ended: ended != 0 }
    }
}

/// A time in which counts are missing.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Gap {
    /// The machine of the edge.
    pub node: String,
    /// From when: seconds since 1970.
    pub from_at: i64,
    /// Until when.
    pub until_at: i64,
    /// Lines that are known not to be counted; 0 if nothing is known of them.
    pub uncounted: i64,
}

/// Adds counts to what is there of that time; nothing, if there is no such domain.
///
/// # Errors
/// The database's.
pub async fn add(tx: &mut Tx, domain: DomainId, span: i64, at: i64, counts: &str) -> sqlx::Result<()> {
    execute!(tx, ADD, domain, span, at, counts).map(|_| ())
}

/// Domains with rows of one span that began before `before`, the oldest first; some may be there twice.
///
/// # Errors
/// The database's.
pub async fn old(tx: &mut Tx, span: i64, before: i64, most: i64) -> sqlx::Result<Vec<DomainId>> {
    Ok(fetch_all!(tx, (DomainId,), OLD, span, before, most)?.into_iter().map(|(id,)| id).collect())
}

/// Takes the rows of a domain and span away that began before `before`.
///
/// # Errors
/// The database's.
pub async fn take(tx: &mut Tx, domain: DomainId, span: i64, before: i64) -> sqlx::Result<Vec<Row>> {
    fetch_all!(tx, Row, TAKE, domain, span, before)
}

/// What was counted of an app's domains, or of one, from `from` until before `until`.
///
/// # Errors
/// The database's.
pub async fn of_app(
    tx: &mut Tx,
    app: AppId,
    domain: Option<DomainId>,
    from: i64,
    until: i64,
) -> sqlx::Result<Vec<Row>> {
    fetch_all!(tx, Row, OF_APP, app, domain, from, until)
}

/// Requests of an app by the backend (`address:port`) that answered, in windows that began at `from` or later:
/// seconds since 1970. The edges' own answers are under `-`. What is counted comes some twelve seconds after
/// the request ended: the window's ten, and a report.
///
/// # Errors
/// The database's.
pub async fn since(tx: &mut Tx, app: AppId, from: i64) -> sqlx::Result<BTreeMap<String, Summary>> {
    let mut all = Counts::default();
    for row in of_app(tx, app, None, from, i64::MAX).await? {
        // What was written was read before.
        all.merge(&row.counts.parse::<Counts>().unwrap_or_default());
    }
    Ok(Summary::by_backend(&all))
}

/// What is known of an edge's process.
///
/// # Errors
/// The database's.
pub async fn edge(tx: &mut Tx, id: Uuid) -> sqlx::Result<Option<Edge>> {
    Ok(fetch_optional!(tx, EdgeRow, EDGE, id)?.map(Into::into))
}

/// Notes a report; false if one of that number, or a later one, was taken already.
///
/// # Errors
/// The database's.
pub async fn note(tx: &mut Tx, edge: &Edge) -> sqlx::Result<bool> {
    let Edge { id, node, seq, until, uncounted, ended } = edge;
    Ok(execute!(tx, NOTE, *id, node, *seq, *until, *uncounted, i64::from(*ended))? > 0)
}

/// Edges that did not report since `since`, and did not say that they end.
///
/// # Errors
/// The database's.
pub async fn silent(tx: &mut Tx, since: i64) -> sqlx::Result<Vec<Edge>> {
    Ok(fetch_all!(tx, EdgeRow, SILENT, since)?.into_iter().map(Into::into).collect())
}

/// Gives an edge up that did not report since; false if it did meanwhile.
///
/// # Errors
/// The database's.
pub async fn gone(tx: &mut Tx, edge: &Edge) -> sqlx::Result<bool> {
    Ok(execute!(tx, GONE, edge.id, edge.until)? > 0)
}

/// Notes that counts of an edge are missing.
///
/// # Errors
/// The database's.
pub async fn miss(tx: &mut Tx, edge: Uuid, gap: &Gap) -> sqlx::Result<()> {
    execute!(tx, MISS, edge, gap.from_at, gap.until_at, &gap.node, gap.uncounted).map(|_| ())
}

/// Times between `from` and `until` of which counts are missing.
///
/// # Errors
/// The database's.
pub async fn missing(tx: &mut Tx, from: i64, until: i64) -> sqlx::Result<Vec<Gap>> {
    fetch_all!(tx, Gap, MISSING, from, until)
}

/// Watches a domain until then.
///
/// # Errors
/// The database's.
pub async fn watch(tx: &mut Tx, domain: DomainId, until: i64) -> sqlx::Result<()> {
    execute!(tx, WATCH, domain, until).map(|_| ())
}

/// What is watched now.
///
/// # Errors
/// The database's.
pub async fn watched(tx: &mut Tx, now: i64) -> sqlx::Result<Vec<DomainId>> {
    Ok(fetch_all!(tx, (DomainId,), WATCHED, now)?.into_iter().map(|(id,)| id).collect())
}

/// Forgets edges and gaps of which nothing was heard since, and what nobody watches now.
///
/// # Errors
/// The database's.
pub async fn sweep(tx: &mut Tx, now: i64, edges: i64, gaps: i64) -> sqlx::Result<()> {
    execute!(tx, SWEEP_WATCHED, now)?;
    execute!(tx, SWEEP_EDGES, edges)?;
    execute!(tx, SWEEP_GAPS, gaps).map(|_| ())
}
