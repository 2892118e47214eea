//! What is served to Traefik now: the last good document, shared by all polls.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use chrono::Duration;

use super::{
    input::{EdgeInput, Known},
    keep::keep,
    render::{LeftOut, Rendered, render},
};
use crate::domain::clock::Time;

/// A document as it is served; never changed, only replaced.
pub type Document = Arc<Rendered>;

/// Where routes were, an input without any is believed only after this long (F27): an empty list
/// is more often a failed read than a wish.
const EMPTY_FOR: Duration = Duration::seconds(10);

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
    current: RwLock<Option<Document>>,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    known: Known,
    empty_since: Option<Time>,
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
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Renders `input` and serves it from now on. Not to be called when a read failed: without a
    /// call everything stays as it is.
    pub fn offer(&self, mut input: EdgeInput, now: Time) -> Offered {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.current();
        if input.routes.is_empty() && before.as_ref().is_some_and(|document| document.routes > 0) {
            let since = *memory.empty_since.get_or_insert(now);
            if now.signed_duration_since(since) < EMPTY_FOR {
                return Offered { changed: false, held_back: true, left_out: Vec::new() };
            }
        }
        memory.empty_since = None;
        keep(&mut input.routes, &mut memory.known);
        let rendered = render(&input);
        let left_out = rendered.left_out.clone();
        let changed = before.is_none_or(|document| document.version != rendered.version);
        if changed {
            let next = Some(Arc::new(rendered));
            *self.current.write().unwrap_or_else(PoisonError::into_inner) = next;
        }
        Offered { changed, held_back: false, left_out }
    }
}
