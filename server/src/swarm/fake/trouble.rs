//! Calls that go wrong.

use super::super::EngineError;

/// What goes wrong next.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    pub(super) down: bool,
    pub(super) unreachable: u32,
    pub(super) leaderless: u32,
    pub(super) lost_answers: u32,
    pub(super) conflicts: u32,
    /// One call in so many fails by chance; 0 for none.
    pub(super) one_in: u64,
    pub(super) random: Random,
}

/// Numbers that depend on the seed alone (SplitMix64).
#[derive(Debug, Default)]
pub(super) struct Random(pub(super) u64);

impl Random {
    /// A number below `bound`.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound.max(1)
    }
}

impl Trouble {
    /// Whether a call gets through at all.
    pub(super) fn enter(&mut self) -> Result<(), EngineError> {
        if self.down || take(&mut self.unreachable) {
            return Err(EngineError::Unreachable("connection refused".to_owned()));
        }
        if take(&mut self.leaderless) {
            return Err(EngineError::Unavailable("The swarm does not have a leader.".to_owned()));
        }
        if self.one_in > 0 && self.random.below(self.one_in * 2) == 0 {
            return Err(EngineError::Unreachable("connection reset by chance".to_owned()));
        }
        Ok(())
    }

    /// Whether the answer to a change comes back.
    pub(super) fn leave<T>(&mut self, result: Result<T, EngineError>) -> Result<T, EngineError> {
        let by_chance = self.one_in > 0 && self.random.below(self.one_in * 2) == 0;
        if result.is_ok() && (take(&mut self.lost_answers) || by_chance) {
            return Err(EngineError::Unreachable("the answer was lost".to_owned()));
        }
        result
    }

    /// Whether somebody else is faster.
    pub(super) fn conflict(&mut self) -> bool {
        take(&mut self.conflicts)
    }
}

fn take(count: &mut u32) -> bool {
    let some = *count > 0;
    *count = count.saturating_sub(1);
    some
}
