//! The hash of an entry: SHA-256 over a name of this form, the hash before, and each field with its length
//! in front, so that no two entries have the same bytes.

use sha2::{Digest as _, Sha256};

use super::Entry;
use crate::domain::id::TeamId;

/// Tells these bytes from any others that are hashed.
const FORM: &[u8] = b"skep audit entry 1";
/// And those that a chain begins with.
const BEGIN: &[u8] = b"skep audit chain 1";

/// What the first entry of a chain follows: each chain begins with another value, so that no entry fits
/// into a chain that is not its own.
#[must_use]
pub fn genesis(team: TeamId) -> String {
    hex::encode(Sha256::new().chain_update(BEGIN).chain_update(team.uuid().as_bytes()).finalize())
}

impl Entry {
    /// The hash that this entry must have if it follows the one with the hash `before`.
    #[must_use]
    pub fn hash_after(&self, before: &str) -> String {
        let mut hasher = Sha256::new();
        let mut add = |bytes: &[u8]| {
            hasher.update((bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        };
        add(FORM);
        add(before.as_bytes());
        add(self.team.uuid().as_bytes());
        add(&self.seq.to_le_bytes());
        add(&self.at.to_le_bytes());
        for text in [
            &self.doer,
            &self.person,
            &self.called,
            &self.means,
            &self.means_id,
            &self.address,
            &self.action,
            &self.outcome,
            &self.code,
            &self.kind,
            &self.object,
            &self.name,
            &self.project,
            &self.environment,
            &self.changes,
            &self.request,
        ] {
            add(text.as_bytes());
        }
        hex::encode(hasher.finalize())
    }
}
