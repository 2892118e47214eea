//! Time and randomness as parameters: nothing else in Skep reads a clock or a random source.
//!
//! Times are UTC, cut to microseconds, which is what both databases keep.

use std::sync::Mutex;

use chrono::{DateTime, Duration, SubsecRound, Utc};
use rand::RngCore;
use uuid::Uuid;

/// A moment, UTC, to the microsecond.
pub type Time = DateTime<Utc>;

/// Where time and random bytes come from.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Time;
    /// Fills `buffer` with bytes fit for keys and tokens.
    fn fill(&self, buffer: &mut [u8]);

    /// A UUIDv7 for now.
    fn uuid(&self) -> Uuid {
        let mut random = [0; 10];
        self.fill(&mut random);
        let millis = u64::try_from(self.now().timestamp_millis()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// A number by chance.
    fn random(&self) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    /// A token of 32 random bytes as URL-safe text of 43 characters.
    fn token(&self) -> String {
        use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
        let mut bytes = [0; 32];
        self.fill(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

/// The machine's clock and its secure random source.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the machine's clock and random source"
)]
impl Clock for SystemClock {
    fn now(&self) -> Time {
        Utc::now().trunc_subsecs(6)
    }
    fn fill(&self, buffer: &mut [u8]) {
        rand::rng().fill_bytes(buffer);
    }
}

/// A clock that stands still until it is moved; its random bytes are real.
#[derive(Debug)]
pub struct MockClock(Mutex<Time>);

impl MockClock {
    /// Starts at `at`.
    #[must_use]
    pub fn at(at: Time) -> Self {
        Self(Mutex::new(at.trunc_subsecs(6)))
    }

    /// Moves on by `by` (or back, if negative).
    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *now += by;
    }
}

#[expect(clippy::disallowed_methods, reason = "random bytes stay real under a still clock")]
impl Clock for MockClock {
    fn now(&self) -> Time {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
    fn fill(&self, buffer: &mut [u8]) {
        rand::rng().fill_bytes(buffer);
    }
}
