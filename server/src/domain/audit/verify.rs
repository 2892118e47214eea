//! Whether a chain is as it was written: entries in their order against the hash of each, the signed
//! checkpoints, and what the chain itself says its newest entry is. Pure; entries come one by one, so
//! that a long chain needs no memory.
//!
//! What it cannot find is told in `SECURITY.md`: entries after the last checkpoint that were written anew
//! by somebody who may write to the database, and a chain that is gone with all of its checkpoints.

use std::collections::BTreeMap;

use super::{Checkpoint, Entry, PublicKey, REMOVED, checkpoint::HEAD, genesis, line::Head};
use crate::domain::id::TeamId;

/// Findings of one chain that are told; a chain that is rewritten has as many as entries.
const FINDINGS: usize = 100;

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The entry's content, or the hash before it, does not give its hash.
    Altered,
    /// Entries up to this one are not there.
    Missing(i64),
    /// The entry is there twice, after the newest one, or before the oldest.
    Inserted,
    /// The entry stands after a later one.
    Reordered,
    /// A checkpoint signed another hash for the entry: it, or one before it, was written anew.
    Rewritten(i64),
    /// The checkpoint's signature is not of this key.
    Forged(i64),
    /// The checkpoint is not there.
    NotSigned(i64),
    /// The chain itself says another hash, or knows nothing of its entries.
    Head,
}

/// Something wrong, and at which entry; 0 where it is at none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The entry.
    pub seq: i64,
    /// What.
    pub trouble: Trouble,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seq = self.seq;
        match &self.trouble {
            Trouble::Altered => write!(
                f,
                "entry {seq} was altered: its content and the hash of the entry before do not give its hash"
            ),
            Trouble::Missing(to) if *to == seq => write!(f, "entry {seq} is missing"),
            Trouble::Missing(to) => write!(f, "entries {seq} to {to} are missing"),
            Trouble::Inserted => write!(f, "entry {seq} was inserted: the chain has no place for it"),
            Trouble::Reordered => write!(f, "entry {seq} stands after a later one"),
            Trouble::Rewritten(number) => write!(
                f,
                "entry {seq}, or one before it, was written anew: checkpoint {number} signed another hash"
            ),
            Trouble::Forged(number) => {
                write!(f, "checkpoint {number} (of entry {seq}) is forged: its signature is not of this key")
            }
            Trouble::NotSigned(number) => write!(f, "checkpoint {number} is missing"),
            Trouble::Head => {
                write!(f, "the chain's own record of its newest entry does not agree with entry {seq}")
            }
        }
    }
}

/// How a chain was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Whose chain.
    pub team: TeamId,
    /// Entries that were looked at.
    pub entries: u64,
    /// The newest entry that a checkpoint covers; 0 if none is.
    pub signed: i64,
    /// The newest entry; 0 if there is none.
    pub newest: i64,
    /// What is wrong, in order; the first hundred.
    pub findings: Vec<Finding>,
}

/// The hash of the entry before: as it is kept and as it must be. Only one of them is wrong if a single
/// thing was altered, so the entry after is blamed for neither.
struct Before {
    seq: i64,
    kept: String,
    counted: String,
    /// Whether the hash is known: not after entries that are missing.
    known: bool,
}

/// Looks at one chain.
pub struct Verifier {
    heads: BTreeMap<i64, Checkpoint>,
    begin: i64,
    before: Before,
    head: Option<Head>,
    report: Report,
}

impl Verifier {
    /// With all checkpoints of the chain, in any order, and what the chain says of itself, if it does.
    #[must_use]
    pub fn new(team: TeamId, key: &PublicKey, checkpoints: Vec<Checkpoint>, head: Option<Head>) -> Self {
        let report = Report { team, entries: 0, signed: 0, newest: 0, findings: Vec::new() };
        let before = Before { seq: 0, kept: genesis(team), counted: genesis(team), known: true };
        let mut verifier = Self { heads: BTreeMap::new(), begin: 0, before, head, report };
        verifier.sign(key, checkpoints);
        verifier
    }

    fn sign(&mut self, key: &PublicKey, checkpoints: Vec<Checkpoint>) {
        let mut sound = BTreeMap::new();
        for checkpoint in checkpoints {
            if checkpoint.team == self.report.team && key.signed(&checkpoint) {
                sound.insert(checkpoint.number, checkpoint);
            } else {
                self.find(checkpoint.seq, Trouble::Forged(checkpoint.number));
            }
        }
        let last = sound.keys().next_back().copied().unwrap_or(0);
        let told = self.head.as_ref().map_or(0, |head| head.checkpoints);
        // Before any that is sound, the first one counts; a chain begins with number 1.
        let first = sound.get(&last).map_or(1, |checkpoint| checkpoint.first);
        for number in first.max(1)..=last.max(told) {
            if self.report.findings.len() >= FINDINGS {
                break;
            }
            let forged = |finding: &Finding| finding.trouble == Trouble::Forged(number);
            if !sound.contains_key(&number) && !self.report.findings.iter().any(forged) {
                self.find(0, Trouble::NotSigned(number));
            }
        }
        let removed = sound.values().filter(|checkpoint| checkpoint.kind == REMOVED);
        if let Some(begin) = removed.max_by_key(|checkpoint| checkpoint.seq) {
            self.begin = begin.seq;
            let (kept, counted) = (begin.hash.clone(), begin.hash.clone());
            self.before = Before { seq: begin.seq, kept, counted, known: true };
        }
        let heads = sound.into_values().filter(|checkpoint| checkpoint.kind == HEAD);
        self.heads = heads.map(|checkpoint| (checkpoint.seq, checkpoint)).collect();
        self.report.signed = self.heads.keys().next_back().copied().unwrap_or(self.begin);
        self.heads.retain(|seq, _| *seq > self.begin);
    }

    /// The next entry, as it is kept.
    pub fn push(&mut self, entry: &Entry) {
        self.report.entries += 1;
        let next = self.before.seq + 1;
        if entry.team != self.report.team || entry.seq <= self.begin || entry.seq == self.before.seq {
            return self.find(entry.seq, Trouble::Inserted);
        }
        if entry.seq < next {
            return self.find(entry.seq, Trouble::Reordered);
        }
        if entry.seq > next {
            self.find(next, Trouble::Missing(entry.seq - 1));
            self.before.known = false;
        }
        let counted = entry.hash_after(&self.before.counted);
        let fits =
            !self.before.known || counted == entry.hash || entry.hash_after(&self.before.kept) == entry.hash;
        if !fits {
            self.find(entry.seq, Trouble::Altered);
        }
        let counted = if fits { entry.hash.clone() } else { counted };
        if let Some(signed) = self.heads.remove(&entry.seq)
            && signed.hash != entry.hash
            && signed.hash != counted
        {
            self.find(entry.seq, Trouble::Rewritten(signed.number));
        }
        self.before = Before { seq: entry.seq, kept: entry.hash.clone(), counted, known: true };
    }

    /// What was found.
    #[must_use]
    pub fn finish(mut self) -> Report {
        let Before { seq, kept, counted, .. } = &self.before;
        let (seq, hashes) = (*seq, [kept.clone(), counted.clone()]);
        self.report.newest = seq;
        let told = self.head.take();
        let signed = self.heads.keys().next_back().copied().unwrap_or(0);
        let newest = told.as_ref().map_or(0, |head| head.seq).max(signed);
        if newest > seq {
            self.find(seq + 1, Trouble::Missing(newest));
        }
        match told {
            Some(head) if head.seq < seq => {
                for extra in head.seq + 1..=seq {
                    self.find(extra, Trouble::Inserted);
                }
            }
            Some(head) if head.seq == seq && !hashes.contains(&head.hash) => self.find(seq, Trouble::Head),
            None if seq > 0 => self.find(seq, Trouble::Head),
            _ => {}
        }
        self.report
    }

    fn find(&mut self, seq: i64, trouble: Trouble) {
        if self.report.findings.len() < FINDINGS {
            self.report.findings.push(Finding { seq, trouble });
        }
    }
}

#[cfg(test)]
mod tests;
