//! Data keys: what values are sealed with. The master key, which is in a file and never in the
//! database, seals nothing but these, so that either can be changed without the other.

use std::fmt;

use super::clock::Time;

/// The short name of a key, which stands in each value that it sealed: the first 4 bytes of a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 4]);

impl KeyId {
    /// Of these bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 4]) -> Self {
        Self(bytes)
    }

    /// As it was stored; none if it is not of 4 bytes.
    #[must_use]
    pub fn stored(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Its bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 4] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A data key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataKey {
    /// Its id.
    pub id: KeyId,
    /// Its 32 bytes, sealed under the master key.
    pub sealed: Vec<u8>,
    /// When it was made; the newest that is active seals.
    pub created_at: Time,
    /// Nothing is sealed with it before, so that every server knows it by then.
    pub active_from: Time,
    /// When nothing was found that is sealed with it any more.
    pub retired_at: Option<Time>,
}

impl DataKey {
    /// Whether something may be sealed with it at that time.
    #[must_use]
    pub fn seals_at(&self, now: Time) -> bool {
        self.retired_at.is_none() && self.active_from <= now
    }
}
