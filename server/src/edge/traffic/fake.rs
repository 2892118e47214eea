//! A Skep in memory that takes reports, or refuses them as a test says.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use super::{NotTaken, Skep};
use crate::domain::{
    id::DomainId,
    traffic::{Counted, Counts, Line, Report, Watching},
};

/// What it heard.
#[derive(Debug, Default)]
pub struct Heard {
    /// What was counted, each number once.
    pub counted: Vec<Counted>,
    /// Lines for watchers.
    pub lines: Vec<Line>,
    /// Lines that were left out.
    pub skipped: u64,
    /// Reports of all kinds, also refused ones.
    pub reports: usize,
    seen: BTreeSet<i64>,
}

/// Takes everything, unless a test says otherwise.
#[derive(Debug, Default)]
pub struct FakeSkep {
    heard: Mutex<Heard>,
    /// What the next reports are answered instead; `true`: it was taken all the same, as where an answer
    /// is lost.
    pub refuse: Mutex<VecDeque<(bool, NotTaken)>>,
    /// What somebody watches.
    pub watch: Mutex<Vec<DomainId>>,
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FakeSkep {
    /// What it heard so far.
    pub fn heard(&self) -> MutexGuard<'_, Heard> {
        lock(&self.heard)
    }

    /// All counts of a domain together.
    ///
    /// # Panics
    /// An edge sent what is no counts.
    #[expect(clippy::expect_used, reason = "a fake for tests, which fail here")]
    pub fn counts(&self, domain: DomainId) -> Counts {
        let mut all = Counts::default();
        for window in self.heard().counted.iter().flat_map(|counted| &counted.windows) {
            if window.domain == domain {
                all.merge(&window.counts.parse().expect("counts"));
            }
        }
        all
    }
}

#[async_trait]
impl Skep for FakeSkep {
    async fn report(&self, body: Vec<u8>) -> Result<Watching, NotTaken> {
        let report: Report = serde_json::from_slice(&body).map_err(|_| NotTaken::Never(400))?;
        let refused = lock(&self.refuse).pop_front();
        let mut heard = self.heard();
        heard.reports += 1;
        if refused.as_ref().is_none_or(|(taken, _)| *taken) {
            if let Some(counted) = report.counted
                && heard.seen.insert(counted.seq)
            {
                heard.counted.push(counted);
            }
            heard.lines.extend(report.lines);
            heard.skipped += report.skipped;
        }
        match refused {
            Some((_, why)) => Err(why),
            None => Ok(Watching { watch: lock(&self.watch).clone() }),
        }
    }
}
