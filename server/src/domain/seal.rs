//! Encryption at rest: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha) under a key from a file.
//!
//! A sealed value is: version 1 (1 byte), key id (4 bytes), nonce (24 bytes), ciphertext with tag.
//! What it belongs to (`variable`, `release`...) is authenticated with it, so that a value cannot
//! be moved to another place.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use sha2::{Digest, Sha256};

use super::{clock::Clock, secret::Secret};

const VERSION: u8 = 1;
const HEAD: usize = 1 + 4;
const NONCE: usize = 24;

/// Why a sealed value does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// It was sealed under a key that this instance does not have.
    #[error("the value is sealed under another key; give the key file that it was sealed with")]
    OtherKey,
    /// It was altered, cut, or belongs elsewhere.
    #[error("the sealed value is damaged or does not belong here")]
    Damaged,
}

/// The keys of this instance; the first one seals.
#[derive(Clone)]
pub struct Seal {
    keys: std::sync::Arc<Vec<([u8; 4], XChaCha20Poly1305)>>,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(…)")
    }
}

impl Seal {
    /// A seal with one key of 32 bytes.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        let mut id = [0; 4];
        id.copy_from_slice(&Sha256::digest([b"skep key id".as_slice(), key].concat())[..4]);
        Self { keys: std::sync::Arc::new(vec![(id, XChaCha20Poly1305::new(key.into()))]) }
    }

    /// Seals `plain` for the place `what`.
    #[must_use]
    #[expect(clippy::expect_used, reason = "encryption of a slice in memory fails only beyond 256 GiB")]
    pub fn seal(&self, clock: &dyn Clock, what: &str, plain: &[u8]) -> Vec<u8> {
        let (id, cipher) = &self.keys[0];
        let mut nonce = [0; NONCE];
        clock.fill(&mut nonce);
        let payload = Payload { msg: plain, aad: what.as_bytes() };
        let text = cipher.encrypt(XNonce::from_slice(&nonce), payload).expect("the value fits in memory");
        [&[VERSION], id.as_slice(), &nonce, &text].concat()
    }

    /// Opens what was sealed for the place `what`.
    ///
    /// # Errors
    /// Another key, or not what was sealed.
    pub fn open(&self, what: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        if sealed.len() < HEAD + NONCE || sealed[0] != VERSION {
            return Err(SealError::Damaged);
        }
        let (_, cipher) =
            self.keys.iter().find(|(id, _)| id == &sealed[1..HEAD]).ok_or(SealError::OtherKey)?;
        let payload = Payload { msg: &sealed[HEAD + NONCE..], aad: what.as_bytes() };
        cipher
            .decrypt(XNonce::from_slice(&sealed[HEAD..HEAD + NONCE]), payload)
            .map_err(|_| SealError::Damaged)
    }

    /// Opens text.
    ///
    /// # Errors
    /// As [`Seal::open`]; not UTF-8.
    pub fn open_text(&self, what: &str, sealed: &[u8]) -> Result<Secret, SealError> {
        let bytes = self.open(what, sealed)?;
        String::from_utf8(bytes).map(Secret::new).map_err(|_| SealError::Damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::SystemClock;

    #[test]
    fn opens_what_it_sealed_and_nothing_else() {
        let seal = Seal::new(&[7; 32]);
        let sealed = seal.seal(&SystemClock, "variable", b"hunter2");
        assert_eq!(seal.open("variable", &sealed).unwrap(), b"hunter2");
        assert_eq!(seal.open("release", &sealed), Err(SealError::Damaged));
        assert_eq!(Seal::new(&[8; 32]).open("variable", &sealed), Err(SealError::OtherKey));
        for i in 5..sealed.len() {
            let mut bad = sealed.clone();
            bad[i] ^= 1;
            assert_eq!(seal.open("variable", &bad), Err(SealError::Damaged), "byte {i}");
        }
        assert!(!sealed.windows(7).any(|w| w == b"hunter2"));
    }
}
