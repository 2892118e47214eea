//! Secrets do not reach a log: wherever the value of one stands, in plain or in one of the spellings in
//! which programs print values (`mask/spellings.rs`), a mask stands instead.
//!
//! All spellings of all secrets are one automaton, made once for a deployment or a log that is read: the
//! time for a line does not grow with their number. For 100 secrets it is made in 28 ms, and 100,000 lines of
//! 120 bytes take 57 ms (optimized, on one busy core); `masks_are_fast` of its tests measures it.
//! To add a spelling: its function in `spellings.rs`.

mod spellings;

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use aho_corasick::{AhoCorasick, MatchKind};

use self::spellings::Spelling;
use crate::domain::secret::Secret;

/// What stands for a secret.
pub const MASK: &str = "••••••";
/// Shorter values are not masked: they would tear up ordinary text and hide little.
const SHORTEST: usize = 4;
/// Bytes of all spellings together. What the automaton takes of memory is a multiple of it; the rarer
/// spellings of very many or very long secrets are left out beyond it, the values themselves never.
const MOST: usize = 1 << 20;

/// The texts that must not appear. Clones share them.
#[derive(Clone, Default)]
pub struct Mask(Option<Arc<Automaton>>);

struct Automaton {
    search: AhoCorasick,
    /// Of each pattern: whether the character before and after it are a part of the value, too.
    touches: Vec<(bool, bool)>,
}

impl std::fmt::Debug for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mask(…)")
    }
}

impl Mask {
    /// Masks these values.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let mut pieces = Vec::new();
        for secret in secrets {
            let value = secret.expose();
            // A value of several lines comes out line by line, too.
            let lines = value.lines().map(str::trim_end).filter(|line| *line != value);
            pieces.extend(std::iter::once(value).chain(lines).filter(|piece| piece.len() >= SHORTEST));
        }
        pieces.sort_unstable();
        pieces.dedup();
        let mut found: BTreeMap<String, (bool, bool)> = BTreeMap::new();
        let mut left = MOST;
        for (i, spelling) in spellings::ALL.iter().enumerate() {
            for piece in &pieces {
                for Spelling { text, before, after } in spelling(piece) {
                    if text.len() < SHORTEST || found.contains_key(&text) || (i > 0 && text.len() > left) {
                        continue;
                    }
                    left = left.saturating_sub(text.len());
                    found.insert(text, (before, after));
                }
            }
        }
        if found.is_empty() {
            return Self(None);
        }
        let (texts, touches): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        // Each match is wanted, also within another: what two secrets share of a text is hidden whole.
        let search = AhoCorasick::builder().match_kind(MatchKind::Standard).build(texts);
        #[expect(clippy::expect_used, reason = "it refuses only more than 2^31 patterns or states")]
        let search = search.expect("fewer patterns than memory holds");
        Self(Some(Arc::new(Automaton { search, touches })))
    }

    /// The line without secrets.
    #[must_use]
    pub fn apply(&self, line: &str) -> String {
        let hidden = self.0.as_ref().map(|automaton| automaton.hidden(line)).unwrap_or_default();
        let mut text = String::with_capacity(line.len());
        let mut from = 0;
        for Range { start, end } in hidden {
            text.push_str(&line[from..start]);
            text.push_str(MASK);
            from = end;
        }
        text.push_str(&line[from..]);
        text
    }
}

impl Automaton {
    /// Where secrets stand, in order, none touching another.
    fn hidden(&self, line: &str) -> Vec<Range<usize>> {
        let bytes = line.as_bytes();
        let inner =
            |at: usize| bytes.get(at).is_some_and(|b| b.is_ascii_alphanumeric() || b"+/-_".contains(b));
        let mut all: Vec<Range<usize>> = Vec::new();
        for found in self.search.find_overlapping_iter(line) {
            let (before, after) = self.touches[found.pattern().as_usize()];
            let start = found.start() - usize::from(before && found.start() > 0 && inner(found.start() - 1));
            let end = found.end() + usize::from(after && inner(found.end()));
            all.push(start..end);
        }
        all.sort_unstable_by_key(|range| (range.start, range.end));
        let mut merged: Vec<Range<usize>> = Vec::with_capacity(all.len());
        for range in all {
            match merged.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        merged
    }
}

#[cfg(test)]
mod tests;
