//! Adds old counts up to longer spans, and gives up edges that are not heard of any more.
//!
//! Each round does the same work however much there is: what is more waits for the next. Who takes a row
//! away has its counts and adds them to the longer span in the same transaction, so that no count is lost
//! or there twice, whoever else does the same.

use std::collections::{BTreeMap, BTreeSet};

use super::Trouble;
use crate::{
    db::{self, traffic::Gap},
    deploy::parts::Parts,
    domain::{
        id::DomainId,
        traffic::{Counts, SPANS},
    },
};

/// Domains whose counts are moved in one transaction: some milliseconds.
const DOMAINS: i64 = 8;
/// Pieces of each span in one round.
const PIECES: usize = 20;
/// An edge that does not report for that long is gone, seconds.
const GONE: i64 = 600;
/// How long is remembered that counts are missing, seconds.
const REMEMBERED: i64 = 365 * 86_400;

/// One round.
///
/// # Errors
/// See [`Trouble`].
pub async fn round(parts: Parts) -> Result<(), Trouble> {
    let now = parts.clock.now().timestamp();
    for (span, kept, longer) in SPANS {
        // Whole windows of the longer span, so that each is added up as seldom as can be.
        let before = now - kept;
        let before = before - before.rem_euclid(longer.unwrap_or(span));
        for _ in 0..PIECES {
            if !up(&parts, span, before, longer).await? {
                break;
            }
        }
    }
    let mut tx = parts.db.write().await?;
    for edge in db::traffic::silent(&mut tx, now - GONE).await? {
        if db::traffic::gone(&mut tx, &edge).await? {
            let until_at = edge.until + GONE;
            let gap = Gap { node: edge.node, from_at: edge.until, until_at, uncounted: 0 };
            db::traffic::miss(&mut tx, edge.id, &gap).await?;
        }
    }
    db::traffic::sweep(&mut tx, now, now - 86_400, now - REMEMBERED).await?;
    Ok(tx.commit().await?)
}

/// Moves one piece; whether there was anything to move.
async fn up(parts: &Parts, span: i64, before: i64, longer: Option<i64>) -> Result<bool, Trouble> {
    let mut tx = parts.db.read().await?;
    let domains: BTreeSet<DomainId> =
        db::traffic::old(&mut tx, span, before, DOMAINS).await?.into_iter().collect();
    drop(tx);
    if domains.is_empty() {
        return Ok(false);
    }
    let mut tx = parts.db.write().await?;
    for domain in domains {
        let mut sums: BTreeMap<i64, Counts> = BTreeMap::new();
        for row in db::traffic::take(&mut tx, domain, span, before).await? {
            let at = row.at - row.at.rem_euclid(longer.unwrap_or(span));
            // What was written was read before.
            sums.entry(at).or_default().merge(&row.counts.parse().unwrap_or_default());
        }
        let Some(longer) = longer else { continue };
        for (at, counts) in sums {
            db::traffic::add(&mut tx, domain, longer, at, &counts.to_string()).await?;
        }
    }
    tx.commit().await?;
    Ok(true)
}
