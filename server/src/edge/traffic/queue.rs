//! What was counted and is not told yet: bounded, so that a Skep that is away for long costs no memory;
//! the oldest goes first, and is told as not counted.

use std::collections::VecDeque;

use crate::domain::{
    id::DomainId,
    traffic::{Counted, Counts, Window},
};

/// What waits, at most, bytes.
const ROOM: usize = 4 << 20;
/// One report has so many bytes of counts at most: Skep writes each in one piece.
const PIECE: usize = 64 << 10;

/// What waits.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: VecDeque<Waiting>,
    bytes: usize,
    seq: i64,
    /// Lines that are in no counts, since the process began.
    pub(super) uncounted: u64,
}

#[derive(Debug)]
struct Waiting {
    counted: Counted,
    requests: u64,
    bytes: usize,
}

impl Queue {
    /// Adds the counts of windows; without any they still tell that nothing is missing.
    pub(super) fn add(&mut self, from: i64, until: i64, last: bool, windows: Vec<(Counts, Window)>) {
        let mut piece = Vec::new();
        let (mut bytes, mut requests) = (0, 0);
        let mut windows = windows.into_iter().peekable();
        loop {
            let end = windows.peek().is_none();
            if end || bytes >= PIECE {
                self.push(from, until, last && end, std::mem::take(&mut piece), requests, bytes);
                (bytes, requests) = (0, 0);
            }
            let Some((counts, window)) = windows.next() else { break };
            requests += counts.groups.iter().map(|group| group.tally.requests).sum::<u64>();
            bytes += window.counts.len() + 100;
            piece.push(window);
        }
        while self.bytes > ROOM {
            self.drop_first();
        }
    }

    fn push(&mut self, from: i64, until: i64, last: bool, windows: Vec<Window>, requests: u64, bytes: usize) {
        self.seq += 1;
        self.bytes += bytes;
        let counted = Counted { seq: self.seq, from, until, uncounted: 0, last, windows };
        self.waiting.push_back(Waiting { counted, requests, bytes });
    }

    /// What is to be told next; `lost` lines never came here.
    pub(super) fn first(&self, lost: u64) -> Option<Counted> {
        let first = self.waiting.front()?;
        let uncounted = i64::try_from(self.uncounted.saturating_add(lost)).unwrap_or(i64::MAX);
        Some(Counted { uncounted, ..first.counted.clone() })
    }

    /// That number was told.
    pub(super) fn told(&mut self, seq: i64) {
        if self.waiting.front().is_some_and(|first| first.counted.seq == seq)
            && let Some(first) = self.waiting.pop_front()
        {
            self.bytes -= first.bytes;
        }
    }

    /// That number is never taken.
    pub(super) fn refused(&mut self, seq: i64) {
        if self.waiting.front().is_some_and(|first| first.counted.seq == seq) {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        if let Some(first) = self.waiting.pop_front() {
            self.bytes -= first.bytes;
            self.uncounted += first.requests;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

/// A domain's counts as they are told.
pub(super) fn window(domain: DomainId, span: i64, at: i64, counts: Counts) -> (Counts, Window) {
    let text = counts.to_string();
    (counts, Window { domain, span, at, counts: text })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn busy(at: i64) -> Vec<(Counts, Window)> {
        let one = |n: u128| {
            let mut counts = Counts::default();
            for host in 0..8 {
                counts.tally(2, &format!("10.0.1.{host}:8080")).0.requests = 10;
            }
            window(DomainId::from_uuid(uuid::Uuid::from_u128(n)), 10, at, counts)
        };
        (0..1_000).map(one).collect()
    }

    #[test]
    fn what_waits_is_bounded_and_what_was_dropped_is_told() {
        let mut queue = Queue::default();
        let mut windows = 0;
        for n in 0..40 {
            queue.add(n * 10, n * 10 + 10, false, busy(n * 10));
            windows += 1;
        }
        assert!(queue.bytes <= ROOM, "{}", queue.bytes);
        let mut told = 0;
        let mut last = 0;
        while let Some(counted) = queue.first(0) {
            assert!(
                counted.seq > last
                    && counted.windows.iter().map(|w| w.counts.len()).sum::<usize>() < PIECE + 1_000
            );
            last = counted.seq;
            told += counted.windows.len() as u64 * 80;
            queue.told(counted.seq);
        }
        assert_eq!(told + queue.uncounted, windows * 1_000 * 80);
        assert!(queue.uncounted > 0 && queue.bytes == 0 && queue.is_empty());
    }

    #[test]
    fn an_empty_window_is_told_too() {
        let mut queue = Queue::default();
        queue.add(0, 10, true, Vec::new());
        let counted = queue.first(0).expect("a report");
        assert!(counted.last && counted.windows.is_empty());
        queue.refused(counted.seq);
        assert!(queue.is_empty());
    }
}
