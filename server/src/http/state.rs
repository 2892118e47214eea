//! What every handler can reach.

use std::{sync::Arc, time::Duration};

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::{metrics::Metrics, page::Dashboard, refusals::Refusals};
use crate::{
    deploy::parts::Parts,
    domain::{
        outbound::{Cidr, ranges},
        secret::Secret,
    },
};

/// Bounds of requests (S16).
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of a JSON body.
    pub json: usize,
    /// Bytes of a webhook's body.
    pub hook: usize,
    /// Bytes of an uploaded archive.
    pub archive: usize,
    /// A body must be there by then, else 408.
    pub read: Duration,
    /// An uploaded archive must be there by then.
    pub upload: Duration,
    /// Requests at once; more are told to come back.
    pub requests: usize,
    /// Live streams at once.
    pub streams: usize,
    /// A live stream says something at least so often.
    pub keep_alive: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            json: 1 << 20,
            hook: 25 << 20,
            archive: 256 << 20,
            read: Duration::from_secs(10),
            upload: Duration::from_secs(600),
            requests: 512,
            streams: 1024,
            keep_alive: Duration::from_secs(15),
        }
    }
}

/// Shared by all requests.
#[derive(Clone)]
pub struct State(Arc<Inner>);

/// What is shared.
pub struct Inner {
    /// The outside worlds.
    pub parts: Parts,
    /// Bounds.
    pub limits: Limits,
    /// Cancelled when the server is to end: streams end with it.
    pub stop: CancellationToken,
    pub(super) requests: Semaphore,
    pub(super) streams: Arc<Semaphore>,
    pub(super) long: Semaphore,
    pub(super) proxies: Vec<Cidr>,
    pub(super) edge_proof: Option<Secret>,
    pub(super) metrics: Metrics,
    pub(super) refusals: Refusals,
    pub(super) dashboard: Option<Dashboard>,
}

impl State {
    /// A state over these parts.
    #[must_use]
    pub fn new(parts: Parts, limits: Limits, stop: CancellationToken) -> Self {
        Self::build(parts, limits, stop, None)
    }

    /// A state whose pages are the dashboard's; without it there are none.
    #[must_use]
    pub fn with_dashboard(
        parts: Parts,
        limits: Limits,
        stop: CancellationToken,
        dashboard: Dashboard,
    ) -> Self {
        Self::build(parts, limits, stop, Some(dashboard))
    }

    fn build(parts: Parts, limits: Limits, stop: CancellationToken, dashboard: Option<Dashboard>) -> Self {
        let proxies = ranges(&parts.instance.trusted_proxies);
        Self(Arc::new(Inner {
            requests: Semaphore::new(limits.requests),
            streams: Arc::new(Semaphore::new(limits.streams)),
            // Bodies of webhooks are the largest that we hold whole: eight of them, 200 MiB.
            long: Semaphore::new(8),
            metrics: Metrics::default(),
            refusals: Refusals::default(),
            dashboard,
            proxies,
            edge_proof: parts.instance.edge_proof(),
            parts,
            limits,
            stop,
        }))
    }
}

impl std::ops::Deref for State {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}
