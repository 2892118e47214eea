//! Orders for certificates, as many as a CA's limits look back on. Who counts and then orders does it
//! alone: [`hold`] first.

use super::{Tx, execute, fetch_all, fetch_optional};
use crate::{
    acme::{
        Directory,
        budget::{CERTIFICATES_WITHIN, FAILURES_WITHIN, Limits, ON_ITS_WAY, ORDERS_WITHIN, Recent},
    },
    domain::{clock::Time, host_pattern::HostPattern, id::OrderId},
};

const HOLD: &str = "INSERT INTO acme_ledger (directory, claimed_at) VALUES ($1, $2) \
    ON CONFLICT (directory) DO UPDATE SET claimed_at = excluded.claimed_at";
const PLACE: &str = "INSERT INTO certificate_order (id, directory, host, registered, exempt, placed_at) \
    VALUES ($1, $2, $3, $4, $5, $6)";
const END: &str = "UPDATE certificate_order SET ended_at = $2, outcome = $3 WHERE id = $1";
const SWEEP: &str = "DELETE FROM certificate_order WHERE placed_at < $1";
const ORDERS: &str = "SELECT placed_at FROM certificate_order WHERE directory = $1 AND placed_at > $2 \
    ORDER BY placed_at DESC LIMIT $3";
// One whose end nobody wrote may have brought a certificate.
const OF_DOMAIN: &str = "SELECT placed_at FROM certificate_order WHERE directory = $1 AND registered = $2 \
    AND placed_at > $3 AND NOT exempt AND (outcome IS NULL OR outcome = 'issued') ORDER BY placed_at DESC LIMIT $4";
const OF_HOST: &str = "SELECT placed_at FROM certificate_order WHERE directory = $1 AND host = $2 \
    AND placed_at > $3 AND NOT exempt AND (outcome IS NULL OR outcome = 'issued') ORDER BY placed_at DESC LIMIT $4";
const FAILURES: &str = "SELECT ended_at FROM certificate_order WHERE directory = $1 AND host = $2 \
    AND ended_at > $3 AND outcome = 'invalid' ORDER BY ended_at DESC LIMIT $4";
const RUNNING: &str =
    "SELECT count(*) FROM certificate_order WHERE directory = $1 AND ended_at IS NULL AND placed_at > $2";

pub(super) const QUERIES: &[&str] = &[HOLD, PLACE, END, SWEEP, ORDERS, OF_DOMAIN, OF_HOST, FAILURES, RUNNING];

/// An order about to be placed.
#[derive(Debug, Clone)]
pub struct Order<'a> {
    /// Its id.
    pub id: OrderId,
    /// Where.
    pub directory: &'a Directory,
    /// For which host.
    pub host: &'a HostPattern,
    /// The registered domain of the host.
    pub registered: &'a str,
    /// The CA does not count it per domain and host.
    pub exempt: bool,
    /// When.
    pub placed_at: Time,
}

/// How an order ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// With a certificate.
    Issued,
    /// The host was not proven ours: the CA counts that.
    Invalid,
    /// Otherwise.
    Failed,
}

impl Outcome {
    const fn name(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Invalid => "invalid",
            Self::Failed => "failed",
        }
    }
}

/// From here on nobody else counts the orders at this directory, until the transaction ends.
///
/// # Errors
/// The database's.
pub async fn hold(tx: &mut Tx, directory: &Directory, now: Time) -> sqlx::Result<()> {
    execute!(tx, HOLD, directory, now).map(|_| ())
}

/// What was ordered lately, as far as it concerns a host.
///
/// # Errors
/// The database's.
pub async fn recent(
    tx: &mut Tx,
    directory: &Directory,
    host: &HostPattern,
    registered: &str,
    limits: &Limits,
    now: Time,
) -> sqlx::Result<Recent> {
    // A clock may go a little back: what is at the border is judged by the budget itself.
    let since = |within: chrono::Duration| now - within - chrono::Duration::hours(1);
    let most = |limit: u32| i64::from(limit.max(1));
    let ascending = |rows: Vec<(Time,)>| rows.into_iter().rev().map(|(at,)| at).collect::<Vec<Time>>();
    let orders = fetch_all!(tx, (Time,), ORDERS, directory, since(ORDERS_WITHIN), most(limits.orders))?;
    let week = since(CERTIFICATES_WITHIN);
    let domain = fetch_all!(tx, (Time,), OF_DOMAIN, directory, registered, week, most(limits.domain))?;
    let same = fetch_all!(tx, (Time,), OF_HOST, directory, host, week, most(limits.same))?;
    let failures =
        fetch_all!(tx, (Time,), FAILURES, directory, host, since(FAILURES_WITHIN), most(limits.failures))?;
    let running =
        fetch_optional!(tx, (i64,), RUNNING, directory, now - ON_ITS_WAY)?.map_or(0, |(count,)| count);
    Ok(Recent {
        orders: ascending(orders),
        domain: ascending(domain),
        same: ascending(same),
        failures: ascending(failures),
        running: u32::try_from(running).unwrap_or(u32::MAX),
    })
}

/// Writes an order down, before it is placed.
///
/// # Errors
/// The database's.
pub async fn place(tx: &mut Tx, x: &Order<'_>) -> sqlx::Result<()> {
    execute!(tx, PLACE, x.id, x.directory, x.host, x.registered, x.exempt, x.placed_at).map(|_| ())
}

/// Writes down how it ended.
///
/// # Errors
/// The database's.
pub async fn end(tx: &mut Tx, id: OrderId, outcome: Outcome, now: Time) -> sqlx::Result<()> {
    execute!(tx, END, id, now, outcome.name()).map(|_| ())
}

/// Forgets what no limit looks back on.
///
/// # Errors
/// The database's.
pub async fn sweep(tx: &mut Tx, before: Time) -> sqlx::Result<()> {
    execute!(tx, SWEEP, before).map(|_| ())
}
