//! Encryption at rest: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha) under data keys, which are sealed
//! under the master key from a file.
//!
//! A sealed value is: version 1 (1 byte), key id (4 bytes), nonce (24 bytes), ciphertext with tag.
//! What it belongs to (`variable`, `release`...) is authenticated with it, so that a value cannot
//! be moved to another place. The keys are a ring that is replaced as a whole: whoever seals or opens
//! takes the one of that moment, and waits for nobody.
//!
//! To seal something in a new place: its column in `db/sealed.rs`, so that rotation finds it.

use std::sync::{Arc, PoisonError, RwLock};

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{
    clock::{Clock, Time},
    data_key::{DataKey, KeyId},
    secret::Secret,
};

const VERSION: u8 = 1;
const HEAD: usize = 1 + 4;
const NONCE: usize = 24;
/// The place of a data key.
const DATA_KEY: &str = "data key";

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

/// The key under which a value was sealed; none if it is no sealed value.
#[must_use]
pub fn key_of(sealed: &[u8]) -> Option<KeyId> {
    if sealed.len() < HEAD + NONCE || sealed[0] != VERSION {
        return None;
    }
    KeyId::stored(&sealed[1..HEAD])
}

#[derive(Clone)]
struct Key {
    id: KeyId,
    cipher: XChaCha20Poly1305,
}

impl Key {
    fn new(key: &[u8; 32]) -> Self {
        let hash = Sha256::digest([b"skep key id".as_slice(), key].concat());
        Self {
            id: KeyId::new([hash[0], hash[1], hash[2], hash[3]]),
            cipher: XChaCha20Poly1305::new(key.into()),
        }
    }

    #[expect(clippy::expect_used, reason = "encryption of a slice in memory fails only beyond 256 GiB")]
    fn seal(&self, clock: &dyn Clock, what: &str, plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE];
        clock.fill(&mut nonce);
        let payload = Payload { msg: plain, aad: what.as_bytes() };
        let text =
            self.cipher.encrypt(XNonce::from_slice(&nonce), payload).expect("the value fits in memory");
        [&[VERSION], self.id.bytes().as_slice(), &nonce, &text].concat()
    }

    fn open(&self, what: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        match key_of(sealed) {
            None => return Err(SealError::Damaged),
            Some(id) if id != self.id => return Err(SealError::OtherKey),
            Some(_) => {}
        }
        let payload = Payload { msg: &sealed[HEAD + NONCE..], aad: what.as_bytes() };
        self.cipher
            .decrypt(XNonce::from_slice(&sealed[HEAD..HEAD + NONCE]), payload)
            .map_err(|_| SealError::Damaged)
    }

    /// The data key that is sealed under this master key.
    fn unwrap(&self, row: &DataKey) -> Result<Self, SealError> {
        let bytes = Zeroizing::new(self.open(DATA_KEY, &row.sealed)?);
        let bytes = bytes.as_slice().try_into().map_err(|_| SealError::Damaged)?;
        Some(Self::new(bytes)).filter(|key| key.id == row.id).ok_or(SealError::Damaged)
    }
}

/// All keys of one moment. The master key opens what was sealed before there were data keys.
struct Ring {
    master: Key,
    data: Vec<Key>,
    /// The data key that seals; none before the first is active: then the master key does.
    seals: Option<usize>,
}

impl Ring {
    fn sealing(&self) -> &Key {
        self.seals.map_or(&self.master, |at| &self.data[at])
    }
}

/// The keys of this instance. Clones share one ring.
#[derive(Clone)]
pub struct Seal {
    ring: Arc<RwLock<Arc<Ring>>>,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(…)")
    }
}

impl Seal {
    /// A seal with a master key of 32 bytes, and no data key yet.
    #[must_use]
    pub fn new(master: &[u8; 32]) -> Self {
        let ring = Ring { master: Key::new(master), data: Vec::new(), seals: None };
        Self { ring: Arc::new(RwLock::new(Arc::new(ring))) }
    }

    fn ring(&self) -> Arc<Ring> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Seals `plain` for the place `what`.
    #[must_use]
    pub fn seal(&self, clock: &dyn Clock, what: &str, plain: &[u8]) -> Vec<u8> {
        self.ring().sealing().seal(clock, what, plain)
    }

    /// Seals under the master key: for what must be opened before any data key.
    #[must_use]
    pub fn seal_by_master(&self, clock: &dyn Clock, what: &str, plain: &[u8]) -> Vec<u8> {
        self.ring().master.seal(clock, what, plain)
    }

    /// The id of the master key.
    #[must_use]
    pub fn master(&self) -> KeyId {
        self.ring().master.id
    }

    /// The id of the key that seals now.
    #[must_use]
    pub fn sealing(&self) -> KeyId {
        self.ring().sealing().id
    }

    /// A new data key, sealed under the master key; active from `active_from` on.
    #[must_use]
    pub fn make(&self, clock: &dyn Clock, now: Time, active_from: Time) -> DataKey {
        let ring = self.ring();
        loop {
            let mut bytes = Zeroizing::new([0; 32]);
            clock.fill(bytes.as_mut_slice());
            let id = Key::new(&bytes).id;
            // One in four thousand million has the id of another.
            if id != ring.master.id && ring.data.iter().all(|key| key.id != id) {
                let sealed = ring.master.seal(clock, DATA_KEY, bytes.as_slice());
                return DataKey { id, sealed, created_at: now, active_from, retired_at: None };
            }
        }
    }

    /// Takes these data keys, newest first, as all that there are; at `now` the newest active one seals.
    /// One that is known already is not opened again: the master key may have been changed meanwhile.
    ///
    /// # Errors
    /// The first that the master key does not open; the ring stays as it was.
    pub fn learn(&self, rows: &[DataKey], now: Time) -> Result<(), KeyId> {
        let known = self.ring();
        let key = |row: &DataKey| match known.data.iter().find(|key| key.id == row.id) {
            Some(key) => Ok(key.clone()),
            None => known.master.unwrap(row).map_err(|_| row.id),
        };
        let data = rows.iter().map(key).collect::<Result<Vec<_>, _>>()?;
        let seals = rows.iter().position(|row| row.seals_at(now));
        let ring = Arc::new(Ring { master: known.master.clone(), data, seals });
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = ring;
        Ok(())
    }

    /// The data key sealed anew under the master key of `other`.
    ///
    /// # Errors
    /// It is not sealed under ours.
    pub fn hand_over(&self, row: &DataKey, other: &Self, clock: &dyn Clock) -> Result<Vec<u8>, SealError> {
        let bytes = Zeroizing::new(self.ring().master.open(DATA_KEY, &row.sealed)?);
        Ok(other.seal_by_master(clock, DATA_KEY, &bytes))
    }

    /// Opens what was sealed for the place `what`.
    ///
    /// # Errors
    /// Another key, or not what was sealed.
    pub fn open(&self, what: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let id = key_of(sealed).ok_or(SealError::Damaged)?;
        let ring = self.ring();
        let mut keys = ring.data.iter().chain([&ring.master]);
        keys.find(|key| key.id == id).ok_or(SealError::OtherKey)?.open(what, sealed)
    }

    /// Opens what the master key sealed, and it alone.
    ///
    /// # Errors
    /// As [`Seal::open`].
    pub fn open_by_master(&self, what: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        self.ring().master.open(what, sealed)
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

    #[test]
    fn data_keys_take_over_and_the_master_key_goes_on_opening() {
        let seal = Seal::new(&[7; 32]);
        let now = SystemClock.now();
        let later = now + chrono::Duration::seconds(10);
        let old = seal.seal(&SystemClock, "variable", b"old");
        let first = seal.make(&SystemClock, now, now);
        seal.learn(std::slice::from_ref(&first), now).unwrap();
        let mid = seal.seal(&SystemClock, "variable", b"mid");
        assert_eq!(key_of(&mid), Some(first.id));
        // Known before it seals.
        let second = seal.make(&SystemClock, later, later);
        let rows = [second.clone(), first.clone()];
        seal.learn(&rows, now).unwrap();
        assert_eq!(seal.sealing(), first.id);
        let other = Seal::new(&[7; 32]);
        other.learn(&rows, later).unwrap();
        let new = other.seal(&SystemClock, "variable", b"new");
        assert_eq!(key_of(&new), Some(second.id));
        for (sealed, plain) in [(&old, "old"), (&mid, "mid"), (&new, "new")] {
            assert_eq!(seal.open("variable", sealed).unwrap(), plain.as_bytes());
        }
        seal.learn(&rows[..1], later).unwrap();
        assert_eq!(seal.open("variable", &mid), Err(SealError::OtherKey), "its key is gone");
    }

    #[test]
    fn a_data_key_of_another_master_changes_nothing() {
        let (ours, theirs) = (Seal::new(&[7; 32]), Seal::new(&[8; 32]));
        let now = SystemClock.now();
        let known = ours.make(&SystemClock, now, now);
        ours.learn(std::slice::from_ref(&known), now).unwrap();
        let handed =
            DataKey { sealed: ours.hand_over(&known, &theirs, &SystemClock).unwrap(), ..known.clone() };
        ours.learn(std::slice::from_ref(&handed), now).expect("a known one is not opened again");
        theirs.learn(std::slice::from_ref(&handed), now).expect("it is theirs now");
        let sealed = ours.seal(&SystemClock, "variable", b"x");
        assert_eq!(theirs.open("variable", &sealed).unwrap(), b"x");
        let foreign = theirs.make(&SystemClock, now, now);
        assert_eq!(ours.learn(&[foreign.clone(), known.clone()], now), Err(foreign.id));
        assert_eq!(ours.sealing(), known.id);
        let mut renamed = ours.make(&SystemClock, now, now);
        renamed.id = foreign.id;
        assert_eq!(ours.learn(&[renamed], now), Err(foreign.id), "the id is that of its bytes");
    }
}
