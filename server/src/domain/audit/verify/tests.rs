//! Chains that somebody meddled with: each single thing is found, and where it is.

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;

use super::*;
use crate::domain::{
    audit::{Action, Change, Doer, INSTANCE, Key, Means, Note, Object, Outcome, Who},
    clock::{Clock as _, SystemClock},
    id::{TokenId, UserId},
};

/// Signing is slow without optimization: the chain is made once.
static CHAIN: LazyLock<Chain> = LazyLock::new(make);

/// A chain of ten with checkpoints at the entries 4 and 8.
#[derive(Clone)]
struct Chain {
    key: Arc<Key>,
    entries: Vec<Entry>,
    checkpoints: Vec<Checkpoint>,
    head: Head,
}

fn chain() -> Chain {
    CHAIN.clone()
}

fn make() -> Chain {
    let (key, team) = (Key::new(&SystemClock), TeamId::new(&SystemClock));
    let (mut entries, mut checkpoints, mut before) = (Vec::new(), Vec::new(), genesis(team));
    for seq in 1..=10 {
        let note = Note {
            team,
            at: SystemClock.now(),
            doer: Doer::Person(UserId::new(&SystemClock), "me@example.org".to_owned()),
            who: Who {
                means: Means::Token(TokenId::new(&SystemClock)),
                address: Some([192, 0, 2, 1].into()),
                request: format!("r{seq}"),
            },
            action: Action::AppScale,
            outcome: if seq == 3 { Outcome::Refused("forbidden".to_owned()) } else { Outcome::Done },
            object: Object::new("app", format!("a{seq}"), "shop"),
            change: Change::of(&serde_json::json!({"n": seq}), &serde_json::json!({"n": seq + 1})),
        };
        let entry = note.follow(seq, &before);
        before.clone_from(&entry.hash);
        if seq % 4 == 0 {
            checkpoints.push(signed(&key, seq / 4, HEAD, &entry, 1));
        }
        entries.push(entry);
    }
    let head = Head { team, seq: 10, hash: before, checkpoints: 2 };
    Chain { key: Arc::new(key), entries, checkpoints, head }
}

fn signed(key: &Key, number: i64, kind: &str, entry: &Entry, first: i64) -> Checkpoint {
    let (team, seq, hash) = (entry.team, entry.seq, entry.hash.clone());
    key.sign(Checkpoint {
        team,
        number,
        kind: kind.into(),
        seq,
        hash,
        first,
        at: 1,
        signature: String::new(),
    })
}

impl Chain {
    fn look(&self) -> Vec<Finding> {
        let head = Some(self.head.clone());
        let mut verifier = Verifier::new(self.head.team, &self.key.public(), self.checkpoints.clone(), head);
        self.entries.iter().for_each(|entry| verifier.push(entry));
        verifier.finish().findings
    }

    /// Hashes from an entry on, as somebody who knows the form would count them anew.
    fn rehash(&mut self, from: usize) {
        for at in from..self.entries.len() {
            let before = if at == 0 { genesis(self.head.team) } else { self.entries[at - 1].hash.clone() };
            self.entries[at].hash = self.entries[at].hash_after(&before);
        }
        self.head.hash.clone_from(&self.entries[self.entries.len() - 1].hash);
    }
}

fn found(seq: i64, trouble: Trouble) -> Finding {
    Finding { seq, trouble }
}

/// All texts of an entry.
fn texts(entry: &mut Entry) -> [&mut String; 17] {
    [
        &mut entry.doer,
        &mut entry.person,
        &mut entry.called,
        &mut entry.means,
        &mut entry.means_id,
        &mut entry.address,
        &mut entry.action,
        &mut entry.outcome,
        &mut entry.code,
        &mut entry.kind,
        &mut entry.object,
        &mut entry.name,
        &mut entry.project,
        &mut entry.environment,
        &mut entry.changes,
        &mut entry.request,
        &mut entry.hash,
    ]
}

#[test]
fn an_untouched_chain_is_sound() {
    let chain = chain();
    assert_eq!(chain.look(), []);
    let empty = Verifier::new(INSTANCE, &chain.key.public(), Vec::new(), None).finish();
    assert_eq!((empty.findings.as_slice(), empty.newest), (&[][..], 0));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(120) })]

    #[test]
    fn any_altered_text_is_found_at_its_entry(at in 0..10_usize, field in 0..17_usize, place in 0..64_usize, put in "[ -~]{0,3}") {
        let mut chain = chain();
        let kept = chain.entries[at].clone();
        let text = texts(&mut chain.entries[at]).into_iter().nth(field).expect("a field");
        let end = place.min(text.len());
        text.replace_range(end.saturating_sub(1)..end, &put);
        prop_assume!(chain.entries[at] != kept);
        let findings = chain.look();
        prop_assert_eq!(findings.first(), Some(&found(at as i64 + 1, Trouble::Altered)), "{:?}", findings);
        prop_assert!(findings.iter().all(|finding| finding.seq == at as i64 + 1), "{:?}", findings);
    }

    #[test]
    fn texts_that_move_between_fields_are_found(at in 0..10_usize, from in 0..16_usize) {
        let mut chain = chain();
        let kept = chain.entries[at].clone();
        let fields = texts(&mut chain.entries[at]);
        let moved = std::mem::take(fields[from]);
        fields[(from + 1) % 16].insert_str(0, &moved);
        prop_assume!(chain.entries[at] != kept);
        prop_assert_eq!(chain.look(), [found(at as i64 + 1, Trouble::Altered)]);
    }

    #[test]
    fn entries_that_are_gone_are_found(from in 0..10_usize, count in 1..5_usize) {
        let mut chain = chain();
        let to = (from + count).min(10);
        chain.entries.drain(from..to);
        prop_assert_eq!(chain.look(), [found(from as i64 + 1, Trouble::Missing(to as i64))]);
    }

    #[test]
    fn a_swap_is_found_at_both(a in 0..10_usize, b in 0..10_usize) {
        prop_assume!(a < b);
        let mut chain = chain();
        // The rows change places, each with its number: as in a file.
        chain.entries.swap(a, b);
        let findings = chain.look();
        prop_assert!(findings.iter().any(|f| f.seq == a as i64 + 1), "{:?}", findings);
        // The numbers alone change: as in a table.
        let (x, y) = (chain.entries[a].seq, chain.entries[b].seq);
        chain.entries[a].seq = y;
        chain.entries[b].seq = x;
        let findings: Vec<i64> = chain.look().into_iter().map(|finding| finding.seq).collect();
        prop_assert!(findings.contains(&(a as i64 + 1)) && findings.contains(&(b as i64 + 1)), "{:?}", findings);
    }

    #[test]
    fn an_entry_that_is_put_in_is_found(at in 0..10_usize) {
        let mut twice = chain();
        let copy = twice.entries[at].clone();
        twice.entries.insert(at, copy);
        prop_assert_eq!(twice.look(), [found(at as i64 + 1, Trouble::Inserted)]);
        let mut late = chain();
        let mut extra = late.entries[at].clone();
        extra.seq = 11;
        extra.hash = extra.hash_after(&late.head.hash);
        late.entries.push(extra);
        prop_assert_eq!(late.look(), [found(11, Trouble::Inserted)]);
    }

    #[test]
    fn a_chain_that_is_written_anew_is_found_at_the_next_checkpoint(at in 0..8_usize) {
        let mut chain = chain();
        chain.entries[at].called = "somebody else".to_owned();
        chain.rehash(at);
        let next = (at as i64 / 4 + 1) * 4;
        let findings = chain.look();
        prop_assert_eq!(findings.first(), Some(&found(next, Trouble::Rewritten(next / 4))));
    }

    #[test]
    fn a_removed_entry_with_a_rewritten_chain_is_found(at in 0..8_usize) {
        let mut chain = chain();
        chain.entries.remove(at);
        for (n, entry) in chain.entries.iter_mut().enumerate() {
            entry.seq = n as i64 + 1;
        }
        chain.rehash(0);
        chain.head.seq = 9;
        prop_assert!(!chain.look().is_empty());
    }
}

#[test]
fn a_time_a_number_or_a_chain_that_is_another_is_found() {
    for at in 0..10 {
        let mut later = chain();
        later.entries[at].at += 1;
        assert_eq!(later.look(), [found(at as i64 + 1, Trouble::Altered)]);
        let mut moved = chain();
        moved.entries[at].team = INSTANCE;
        assert_eq!(moved.look()[0], found(at as i64 + 1, Trouble::Inserted));
        let mut numbered = chain();
        numbered.entries[at].seq += 20;
        assert!(numbered.look().contains(&found(at as i64 + 1, Trouble::Missing(at as i64 + 20))));
    }
}

#[test]
fn a_cut_tail_is_found_by_the_head_and_without_it_by_the_checkpoint() {
    let mut chain = chain();
    chain.entries.truncate(6);
    assert_eq!(chain.look(), [found(7, Trouble::Missing(10))]);
    chain.head = Head { seq: 6, hash: chain.entries[5].hash.clone(), ..chain.head };
    assert_eq!(chain.look(), [found(7, Trouble::Missing(8))]);
    chain.checkpoints.pop();
    assert_eq!(chain.look(), [found(0, Trouble::NotSigned(2))]);
}

#[test]
fn forged_and_missing_checkpoints_are_found() {
    let mut forged = chain();
    forged.checkpoints[0].at = 2;
    assert_eq!(forged.look(), [found(4, Trouble::Forged(1))]);
    let mut other = chain();
    other.checkpoints[1] = signed(&Key::new(&SystemClock), 2, HEAD, &other.entries[7], 1);
    assert_eq!(other.look(), [found(8, Trouble::Forged(2))]);
    for number in 0..2 {
        let mut missing = chain();
        missing.checkpoints.remove(number);
        assert_eq!(missing.look(), [found(0, Trouble::NotSigned(number as i64 + 1))]);
    }
    let mut none = chain();
    none.checkpoints.clear();
    assert_eq!(none.look(), [found(0, Trouble::NotSigned(1)), found(0, Trouble::NotSigned(2))]);
    let mut head = chain();
    head.head.hash = genesis(INSTANCE);
    assert_eq!(head.look(), [found(10, Trouble::Head)]);
}

#[test]
fn a_signed_removal_is_no_missing_prefix() {
    let mut swept = chain();
    let mark = signed(&swept.key, 3, REMOVED, &swept.entries[4], 2);
    swept.checkpoints.push(mark);
    swept.checkpoints.remove(0);
    swept.head.checkpoints = 3;
    let old: Vec<Entry> = swept.entries.drain(..5).collect();
    assert_eq!(swept.look(), []);
    // More than was signed.
    let next = swept.entries.remove(0);
    assert_eq!(swept.look(), [found(6, Trouble::Missing(6))]);
    // What was removed does not come back.
    swept.entries.insert(0, next);
    swept.entries.insert(0, old[4].clone());
    assert_eq!(swept.look(), [found(5, Trouble::Inserted)]);
    // Without the mark it is what it looks like.
    swept.entries.remove(0);
    swept.checkpoints.pop();
    assert!(swept.look().contains(&found(1, Trouble::Missing(5))));
}

#[test]
fn every_finding_is_a_sentence_with_its_place() {
    let all = [
        Trouble::Altered,
        Trouble::Missing(7),
        Trouble::Missing(9),
        Trouble::Inserted,
        Trouble::Reordered,
        Trouble::Rewritten(7),
        Trouble::Forged(7),
        Trouble::NotSigned(7),
        Trouble::Head,
    ];
    for trouble in all {
        let text = found(7, trouble).to_string();
        assert!(text.contains('7'), "{text}");
    }
}
