//! Hosts that no authority of the world is asked for: another certificate serves them, or perhaps will, or
//! their name is private.

use super::{case::Case, put_off, save};
use crate::{
    deploy::{parts::Parts, run::Stop},
    domain::{
        certificate::{Certificate, Kind, Plan, State},
        clock::Time,
    },
    jobs::{
        covered::{self, Cover},
        internal,
    },
};

/// Does what is to be done without an order; the case comes back if there has to be one.
pub(super) async fn given(parts: &Parts, case: Case) -> Result<Option<Case>, Stop> {
    let now = parts.clock.now();
    if let Some((team, _)) = case.place {
        let mut tx = parts.db.read().await?;
        let found = covered::of(&mut tx, &case.row.host, team, now).await?;
        drop(tx);
        match found {
            Some(Cover::By(what, until)) => {
                return cover(parts, case.row, &what, until, now).await.map(|()| None);
            }
            Some(Cover::Perhaps(what)) if case.row.chain.is_none() => {
                let why = format!("waits for {what}");
                return put_off(parts, case.row, State::Pending, why, now).await.map(|()| None);
            }
            _ => {}
        }
    }
    if case.row.kind == Kind::Internal {
        return internal::issue(parts, case.row, now).await.map(|()| None);
    }
    Ok(Some(case))
}

/// Another certificate serves the host: its own goes, as Traefik would take it even after its end.
async fn cover(parts: &Parts, mut row: Certificate, what: &str, until: Time, now: Time) -> Result<(), Stop> {
    tracing::info!(host = %row.host, what, "No certificate is asked for: {} is served by {what}", row.host);
    row.state = State::Covered;
    row.reason = Some(format!("served by {what}"));
    (row.chain, row.sealed_key) = (None, None);
    (row.not_before, row.not_after) = (None, Some(until));
    (row.failures, row.checks) = (0, 0);
    row.plan = Plan { chosen: row.plan.chosen.take(), ..Plan::default() };
    // Looked at again before that one ends, and each day, as it may be gone.
    row.next_try_at = until.min(now + chrono::Duration::days(1));
    save(parts, &row).await
}
