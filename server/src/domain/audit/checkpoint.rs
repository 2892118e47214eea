//! What the instance signs: that a chain had this hash at this entry. Ed25519 (RFC 8032).
//!
//! Checkpoints of a chain are numbered, so that one that is missing is seen. One of the kind
//! [`REMOVED`] says that the entries up to its own are gone because they were old; the next entry
//! follows its hash. `first` is the oldest checkpoint that is still kept.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::domain::{clock::Clock, id::TeamId};

/// Tells these bytes from any others that are signed.
const FORM: &[u8] = b"skep audit checkpoint 1";
/// The kind that signs the newest entry.
pub const HEAD: &str = "head";
/// The kind that signs which entries were removed.
pub const REMOVED: &str = "removed";

/// A signed hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// Whose chain.
    pub team: TeamId,
    /// Its number within the chain, from 1 on.
    pub number: i64,
    /// [`HEAD`] or [`REMOVED`].
    pub kind: String,
    /// The entry.
    pub seq: i64,
    /// The entry's hash.
    pub hash: String,
    /// The number of the oldest checkpoint that is kept.
    pub first: i64,
    /// When it was signed: microseconds since 1970.
    pub at: i64,
    /// The signature over all of this, hexadecimal.
    pub signature: String,
}

impl Checkpoint {
    fn message(&self) -> Vec<u8> {
        let mut message = Vec::new();
        let mut add = |bytes: &[u8]| {
            message.extend((bytes.len() as u64).to_le_bytes());
            message.extend(bytes);
        };
        add(FORM);
        add(self.team.uuid().as_bytes());
        add(self.kind.as_bytes());
        add(self.hash.as_bytes());
        for number in [self.number, self.seq, self.first, self.at] {
            add(&number.to_le_bytes());
        }
        message
    }
}

/// What signs.
pub struct Key(SigningKey);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

/// The text or bytes are no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 64 hexadecimal digits: an Ed25519 public key, as `skep audit key` shows it")]
pub struct WrongKey;

impl Key {
    /// A new one.
    #[must_use]
    pub fn new(clock: &dyn Clock) -> Self {
        let mut seed = [0; 32];
        clock.fill(&mut seed);
        Self(SigningKey::from_bytes(&seed))
    }

    /// The one with these secret bytes.
    ///
    /// # Errors
    /// They are not 32.
    pub fn from_secret(bytes: &[u8]) -> Result<Self, WrongKey> {
        Ok(Self(SigningKey::from_bytes(bytes.try_into().map_err(|_| WrongKey)?)))
    }

    /// What is sealed of it.
    #[must_use]
    pub fn secret(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// What everybody may know of it.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// The checkpoint with its signature.
    #[must_use]
    pub fn sign(&self, mut checkpoint: Checkpoint) -> Checkpoint {
        checkpoint.signature = hex::encode(self.0.sign(&checkpoint.message()).to_bytes());
        checkpoint
    }
}

/// What a signature is checked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Reads its hexadecimal form.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(text: &str) -> Result<Self, WrongKey> {
        let bytes = hex::decode(text.trim()).map_err(|_| WrongKey)?;
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| WrongKey)?;
        VerifyingKey::from_bytes(&bytes).map(Self).map_err(|_| WrongKey)
    }

    /// Whether this key signed it.
    #[must_use]
    pub fn signed(&self, checkpoint: &Checkpoint) -> bool {
        let bytes = hex::decode(&checkpoint.signature).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.is_some_and(|bytes: [u8; 64]| {
            self.0.verify_strict(&checkpoint.message(), &Signature::from_bytes(&bytes)).is_ok()
        })
    }
}

impl std::fmt::Display for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{audit::INSTANCE, clock::SystemClock};

    #[test]
    fn a_signature_is_of_one_key_and_of_every_field() {
        let key = Key::new(&SystemClock);
        let plain = Checkpoint {
            team: INSTANCE,
            number: 2,
            kind: HEAD.to_owned(),
            seq: 7,
            hash: "ab".to_owned(),
            first: 1,
            at: 5,
            signature: String::new(),
        };
        let signed = key.sign(plain.clone());
        assert!(key.public().signed(&signed) && !key.public().signed(&plain));
        assert!(!Key::new(&SystemClock).public().signed(&signed));
        let other = [
            Checkpoint { team: TeamId::new(&SystemClock), ..signed.clone() },
            Checkpoint { number: 3, ..signed.clone() },
            Checkpoint { kind: REMOVED.to_owned(), ..signed.clone() },
            Checkpoint { seq: 8, ..signed.clone() },
            Checkpoint { hash: "ac".to_owned(), ..signed.clone() },
            Checkpoint { first: 2, ..signed.clone() },
            Checkpoint { at: 6, ..signed.clone() },
            Checkpoint { signature: "00".repeat(64), ..signed.clone() },
            Checkpoint { signature: "no".to_owned(), ..signed.clone() },
        ];
        for altered in other {
            assert!(!key.public().signed(&altered), "{altered:?}");
        }
        let again = Key::from_secret(&key.secret()).expect("32 bytes");
        assert_eq!(PublicKey::parse(&again.public().to_string()), Ok(key.public()));
        assert_eq!(PublicKey::parse("no key"), Err(WrongKey));
    }
}
