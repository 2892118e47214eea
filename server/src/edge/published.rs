//! What is served to Traefik now: the last good document, shared by all polls.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::watch;

use super::{
    input::{EdgeInput, Known},
    keep::keep,
    render::{LeftOut, Rendered, render},
};

/// A document as it is served; never changed, only replaced.
pub type Document = Arc<Rendered>;

/// Where routes were, an input without any is believed only after this long (F27): an empty list
/// is more often a failed read than a wish.
const EMPTY_FOR: Duration = Duration::from_secs(10);

/// What became of an offered input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// Traefik gets something else from now on.
    pub changed: bool,
    /// There were routes and now there are none: not believed yet, offer it again later.
    pub held_back: bool,
    /// What was left out, and why.
    pub left_out: Vec<LeftOut>,
}

/// Keeps the last good document. Nothing is served before the first one, and whoever asks then
/// must be told that it is not known (503), so that Traefik goes on with what it has.
#[derive(Debug, Default)]
pub struct Published {
    current: watch::Sender<Option<Document>>,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    known: Known,
    empty_since: Option<Instant>,
}

impl Published {
    /// Nothing published yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What to serve; none: it is not known yet. Costs a lock and a counter, whatever the size.
    #[must_use]
    pub fn current(&self) -> Option<Document> {
        self.current.borrow().clone()
    }

    /// As [`Self::current`], but waits for the first document. After an error Traefik asks later
    /// and later, so an instance that has just started had better hold the answer for some
    /// seconds (less than `pollTimeout`) than say that it does not know.
    pub async fn current_within(&self, patience: std::time::Duration) -> Option<Document> {
        let mut reader = self.current.subscribe();
        let first = tokio::time::timeout(patience, reader.wait_for(Option::is_some)).await;
        first.ok()?.ok()?.clone()
    }

    /// Waits for another document than the one of version `known`, for `patience` at most.
    pub async fn changed_within(&self, known: &str, patience: Duration) {
        let mut reader = self.current.subscribe();
        let other = |document: &Option<Document>| document.as_ref().is_some_and(|d| d.version != known);
        let _ = tokio::time::timeout(patience, reader.wait_for(other)).await;
    }

    /// Renders `input` and serves it from now on. Not to be called when a read failed: without a
    /// call everything stays as it is. `now` is monotonic: a clock that jumps wipes no route.
    pub fn offer(&self, mut input: EdgeInput, now: Instant) -> Offered {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.current();
        if input.routes.is_empty() && before.as_ref().is_some_and(|document| document.routes > 0) {
            let since = *memory.empty_since.get_or_insert(now);
            if now.saturating_duration_since(since) < EMPTY_FOR {
                return Offered { changed: false, held_back: true, left_out: Vec::new() };
            }
        }
        memory.empty_since = None;
        keep(&mut input.routes, &mut memory.known);
        let rendered = render(&input);
        let left_out = rendered.left_out.clone();
        let changed = before
            .is_none_or(|document| document.version != rendered.version || document.pages != rendered.pages);
        if changed {
            self.current.send_replace(Some(Arc::new(rendered)));
        }
        Offered { changed, held_back: false, left_out }
    }
}
