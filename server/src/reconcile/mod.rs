//! Loops without input that compare the world with the records: constant work, idempotent, one
//! round at a time. A failed observation is "unknown", never "all gone", and changes nothing.
//!
//! To add one: a file with `async fn round(&Parts, ...) -> Result<(), Trouble>`, and a line in
//! `run`.

mod audit;
mod certificates;
mod dns_records;
mod edge;
mod heads;
mod janitor;
mod keys;
mod storage;
mod traffic;

use std::{future::Future, sync::Arc, time::Duration};

use futures::StreamExt as _;
use tokio_util::sync::CancellationToken;

use crate::{bus::Hint, db::DbError, deploy::parts::Parts, keys::KeyError, swarm::EngineError};

pub use audit::{
    DAYS as AUDIT_DAYS, days as audit_days, public_key as audit_key, round as audit_round,
    sign_all as sign_audit,
};
pub use certificates::round as certificates_round;
pub use dns_records::round as dns_records_round;
pub use edge::round as edge_round;
pub use heads::round as heads_round;
pub use janitor::round as janitor_round;
pub use keys::{learn as keys_round, sweep as old_keys_round};
pub use storage::round as storage_round;
pub use traffic::round as traffic_round;

/// Why a round came to nothing; the next one tries again.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The database did not answer.
    #[error("the database: {0}")]
    Database(#[from] DbError),
    /// The engine did not answer.
    #[error("{0}")]
    Engine(#[from] EngineError),
    /// The keys are not as they should be.
    #[error("{0}")]
    Key(#[from] KeyError),
    /// Something else did not.
    #[error("{0}")]
    Other(String),
}

/// Runs all reconcilers until `stop`.
pub async fn run(parts: Parts, stop: CancellationToken) {
    let loops = [
        tokio::spawn(edges(parts.clone(), stop.clone())),
        tokio::spawn(every(
            parts.clone(),
            stop.clone(),
            Duration::from_secs(1),
            "certificates",
            certificates::round,
        )),
        tokio::spawn(every(parts.clone(), stop.clone(), Duration::from_secs(5), "audit", audit::round)),
        tokio::spawn(every(parts.clone(), stop.clone(), Duration::from_secs(60), "heads", heads::round)),
        tokio::spawn(every(parts.clone(), stop.clone(), Duration::from_secs(300), "janitor", janitor::round)),
        tokio::spawn(every(parts.clone(), stop.clone(), Duration::from_secs(300), "old keys", keys::sweep)),
        tokio::spawn(every(parts.clone(), stop.clone(), Duration::from_secs(600), "storage", storage::round)),
        tokio::spawn(every(
            parts.clone(),
            stop.clone(),
            Duration::from_secs(30),
            "DNS records",
            dns_records::round,
        )),
        tokio::spawn(every(parts.clone(), stop.clone(), Duration::from_secs(10), "traffic", traffic::round)),
        tokio::spawn(data_keys(parts.clone(), stop.clone())),
        tokio::spawn(checkpoints(parts, stop)),
    ];
    for each in loops {
        let _ = each.await;
    }
}

/// A server that cannot learn a new data key must not go on sealing with an old one, which will be
/// deleted: it ends, and its next start says why, or finds the right key.
async fn data_keys(parts: Parts, stop: CancellationToken) {
    let round = |parts: Parts| {
        let stop = stop.clone();
        async move {
            let learned = keys::learn(parts).await;
            if let Err(Trouble::Key(error @ KeyError::OtherMaster(_))) = &learned {
                tracing::error!(%error, "This server ends, as it has another key than the database");
                stop.cancel();
            }
            learned
        }
    };
    every(parts, stop.clone(), Duration::from_secs(1), "data keys", round).await;
}

/// The database's log is brought in after so many commits, and what is left once it is quiet.
async fn checkpoints(parts: Parts, stop: CancellationToken) {
    let round = |parts: Parts| async move {
        tokio::select! {
            () = parts.db.checkpoint_due() => {}
            () = tokio::time::sleep(Duration::from_secs(2)) => {}
        }
        Ok(parts.db.checkpoint().await?)
    };
    // Nothing is half done by a checkpoint that nobody waits for.
    tokio::select! {
        () = stop.cancelled() => {}
        () = every(parts, stop.clone(), Duration::ZERO, "checkpoint", round) => {}
    }
}

async fn every<F, R>(parts: Parts, stop: CancellationToken, wait: Duration, name: &'static str, round: F)
where
    F: Fn(Parts) -> R,
    R: Future<Output = Result<(), Trouble>>,
{
    let mut said = false;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        match round(parts.clone()).await {
            Ok(()) => said = false,
            Err(error) if !said => {
                tracing::warn!(%error, "Reconciler {name} has trouble; it tries again each round");
                said = true;
            }
            Err(_) => {}
        }
    }
}

/// The edge is looked at each second, and at once when somebody says that it changed.
async fn edges(parts: Parts, stop: CancellationToken) {
    let mut hints = parts.bus.subscribe();
    let wake = Arc::new(tokio::sync::Notify::new());
    let events = tokio::spawn(changes(parts.clone(), Arc::clone(&wake)));
    let mut said = false;
    while !stop.is_cancelled() {
        match edge::round(&parts).await {
            Ok(()) => said = false,
            Err(error) if !said => {
                tracing::warn!(%error, "The edge cannot be looked at; routes stay as they are");
                said = true;
            }
            Err(_) => {}
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
            () = wake.notified() => tokio::time::sleep(Duration::from_millis(50)).await,
            Some(Hint::Edge) = hints.next() => {}
        }
    }
    events.abort();
}

/// The swarm's own events wake the edge; while there are none, it polls.
async fn changes(parts: Parts, wake: Arc<tokio::sync::Notify>) {
    loop {
        if let Ok(mut changes) = parts.engine.changes().await {
            while changes.next().await.is_some() {
                wake.notify_one();
            }
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}
