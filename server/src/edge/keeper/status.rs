//! What a keeper says of itself: its log's words as numbers, shown by `skep edge health`.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use serde::Serialize;

use crate::domain::clock::Time;

/// Shared by all parts of a keeper.
#[derive(Clone)]
pub(super) struct Status(Arc<Inner>);

struct Inner {
    /// When Skep did not answer any more; at the start that is the start.
    away_since: Mutex<Option<Time>>,
    /// When the last configuration came.
    changed_at: Mutex<Option<Time>>,
    /// Lines of the access log that nobody took in time.
    dropped: Arc<AtomicU64>,
}

/// As it is told.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    /// What is served to Traefik.
    pub version: Option<String>,
    /// What Traefik serves.
    pub loaded: Option<String>,
    /// Seconds since the last change came from Skep; none: it was kept on the node.
    pub age: Option<i64>,
    /// Since when Skep has not answered.
    pub skep_away_since: Option<Time>,
    /// Lines of the access log that were dropped.
    pub lines_dropped: u64,
}

impl Status {
    pub(super) fn new(now: Time) -> Self {
        Self(Arc::new(Inner {
            away_since: Mutex::new(Some(now)),
            changed_at: Mutex::new(None),
            dropped: Arc::default(),
        }))
    }

    /// Skep answered; whether it had been away.
    pub(super) fn answered(&self) -> bool {
        self.0.away_since.lock().unwrap_or_else(PoisonError::into_inner).take().is_some()
    }

    /// Skep did not answer; whether it did before.
    pub(super) fn away(&self, now: Time) -> bool {
        let mut since = self.0.away_since.lock().unwrap_or_else(PoisonError::into_inner);
        let first = since.is_none();
        since.get_or_insert(now);
        first
    }

    pub(super) fn changed(&self, now: Time) {
        *self.0.changed_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    pub(super) fn dropped(&self, lines: u64) {
        self.0.dropped.fetch_add(lines, Ordering::Relaxed);
    }

    /// The count of lines that were dropped, for who tells it on.
    pub(super) fn lost(&self) -> Arc<AtomicU64> {
        self.0.dropped.clone()
    }

    pub(super) fn told(&self, version: Option<String>, loaded: Option<String>, now: Time) -> Told {
        let changed_at = *self.0.changed_at.lock().unwrap_or_else(PoisonError::into_inner);
        Told {
            version,
            loaded,
            age: changed_at.map(|at| (now - at).num_seconds()),
            skep_away_since: *self.0.away_since.lock().unwrap_or_else(PoisonError::into_inner),
            lines_dropped: self.0.dropped.load(Ordering::Relaxed),
        }
    }
}
