//! Signed DNS messages (TSIG, RFC 8945): the request that changes a zone, and the answer to it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac as _};
use sha2::{Sha256, Sha512};

use super::DnsError;
use crate::domain::{dns_provider::Algorithm, secret::Secret, store::Login};

/// How far the two clocks may differ, in seconds (RFC 8945, 10).
const FUDGE: u16 = 300;
const TSIG: u16 = 250;
const ANY: u16 = 255;
const HEADER: usize = 12;

/// A key that both sides know.
pub(super) struct Key {
    name: Vec<u8>,
    algorithm: Algorithm,
    secret: Secret,
}

/// What an answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Said {
    /// The code of the whole answer (RFC 1035, 4.1.1; RFC 2136, 2.2).
    pub(super) code: u8,
    /// The code about the signature; 0 if it is fine.
    pub(super) signature: u16,
    /// It is signed by the key. One that refuses the signature need not be.
    pub(super) proven: bool,
}

impl Key {
    /// Of a login: its name and its secret in base64; nothing if they are none.
    pub(super) fn new(login: &Login, algorithm: Algorithm) -> Option<Self> {
        STANDARD.decode(login.secret.expose()).ok()?;
        Some(Self { name: wire_name(&login.id)?, algorithm, secret: login.secret.clone() })
    }

    /// The fault of a login that is no key.
    pub(super) fn unfit() -> DnsError {
        DnsError::Unusable("its key is none: give the name and the base64 secret of a TSIG key".to_owned())
    }

    fn mac(&self, parts: &[&[u8]]) -> Vec<u8> {
        let secret = STANDARD.decode(self.secret.expose()).unwrap_or_default();
        // A key of any length is one.
        match self.algorithm {
            Algorithm::HmacSha256 => {
                let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&secret) else { return Vec::new() };
                parts.iter().for_each(|part| mac.update(part));
                mac.finalize().into_bytes().to_vec()
            }
            Algorithm::HmacSha512 => {
                let Ok(mut mac) = Hmac::<Sha512>::new_from_slice(&secret) else { return Vec::new() };
                parts.iter().for_each(|part| mac.update(part));
                mac.finalize().into_bytes().to_vec()
            }
        }
    }

    fn algorithm(&self) -> Vec<u8> {
        let name = match self.algorithm {
            Algorithm::HmacSha256 => "hmac-sha256",
            Algorithm::HmacSha512 => "hmac-sha512",
        };
        wire_name(name).unwrap_or_default()
    }

    /// What is signed of the record itself (RFC 8945, 4.3.3).
    fn variables(&self, time: &[u8], fudge: u16, error: u16, other: &[u8]) -> Vec<u8> {
        let mut all = self.name.clone();
        all.extend(ANY.to_be_bytes());
        all.extend(0_u32.to_be_bytes());
        all.extend(self.algorithm());
        all.extend(time);
        all.extend(fudge.to_be_bytes());
        all.extend(error.to_be_bytes());
        all.extend(length(other));
        all.extend(other);
        all
    }

    /// Signs a message at `time`, in seconds since 1970; the signature, by which its answer is known.
    pub(super) fn sign(&self, message: &mut Vec<u8>, time: i64) -> Vec<u8> {
        let time = &time.to_be_bytes()[2..];
        let mac = self.mac(&[message, &self.variables(time, FUDGE, 0, &[])]);
        let mut data = self.algorithm();
        data.extend(time);
        data.extend(FUDGE.to_be_bytes());
        data.extend(length(&mac));
        data.extend(&mac);
        data.extend(&message[..2]);
        data.extend([0; 4]);
        message.extend(&self.name);
        message.extend(TSIG.to_be_bytes());
        message.extend(ANY.to_be_bytes());
        message.extend(0_u32.to_be_bytes());
        message.extend(length(&data));
        message.extend(data);
        message[11] += 1;
        mac
    }

    /// Reads the answer to a message that was signed so; nothing if it is none.
    pub(super) fn read(&self, answer: &[u8], request: &[u8], signature: &[u8]) -> Option<Said> {
        if answer.len() < HEADER || answer[..2] != request[..2] || answer[2] & 0x80 == 0 {
            return None;
        }
        let count = |at: usize| u16::from_be_bytes([answer[at], answer[at + 1]]);
        let code = answer[3] & 0x0f;
        let records = usize::from(count(6)) + usize::from(count(8)) + usize::from(count(10));
        let mut at = HEADER;
        for _ in 0..count(4) {
            at = skip_name(answer, at)? + 4;
        }
        let mut last = None;
        for _ in 0..records {
            let fields = skip_name(answer, at)?;
            let kind = u16::from_be_bytes(answer.get(fields..fields + 2)?.try_into().ok()?);
            let size = u16::from_be_bytes(answer.get(fields + 8..fields + 10)?.try_into().ok()?);
            let end = fields + 10 + usize::from(size);
            last = Some((at, kind, answer.get(fields + 10..end)?));
            at = end;
        }
        let Some((begin, TSIG, data)) = last.filter(|_| count(10) > 0) else {
            return Some(Said { code, signature: 0, proven: false });
        };
        // The name of the algorithm, time, fudge and the signature's length.
        let name = skip_name(data, 0)?;
        let time = data.get(name..name + 6)?;
        let number = |at: usize| Some(u16::from_be_bytes(data.get(at..at + 2)?.try_into().ok()?));
        let fudge = number(name + 6)?;
        let size = usize::from(number(name + 8)?);
        let theirs = data.get(name + 10..name + 10 + size)?;
        let rest = name + 10 + size;
        let error = number(rest + 2)?;
        let other = data.get(rest + 6..rest + 6 + usize::from(number(rest + 4)?))?;
        let mut unsigned = answer[..begin].to_vec();
        let additional = count(10) - 1;
        unsigned[10..12].copy_from_slice(&additional.to_be_bytes());
        unsigned[..2].copy_from_slice(data.get(rest..rest + 2)?);
        let before = [&length(signature)[..], signature].concat();
        let ours = self.mac(&[&before, &unsigned, &self.variables(time, fudge, error, other)]);
        let proven = !ours.is_empty() && bool::from(subtle::ConstantTimeEq::ct_eq(&ours[..], theirs));
        Some(Said { code, signature: error, proven })
    }
}

/// The length of a part, as it stands before it; longer ones are never made.
fn length(part: &[u8]) -> [u8; 2] {
    u16::try_from(part.len()).unwrap_or(u16::MAX).to_be_bytes()
}

/// A name as messages have it, in lower case and without any compression; nothing if it is none.
pub(super) fn wire_name(name: &str) -> Option<Vec<u8>> {
    let mut wire = Vec::with_capacity(name.len() + 2);
    for label in name.strip_suffix('.').unwrap_or(name).split('.') {
        let size = u8::try_from(label.len()).ok().filter(|size| (1..=63).contains(size))?;
        wire.push(size);
        wire.extend(label.to_ascii_lowercase().bytes());
    }
    wire.push(0);
    (wire.len() <= 255).then_some(wire)
}

/// Where a name ends that begins at `at`; it may point to another for its rest (RFC 1035, 4.1.4).
fn skip_name(message: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *message.get(at)? {
            0 => return Some(at + 1),
            pointer if pointer & 0xc0 == 0xc0 => return Some(at + 2),
            size if size & 0xc0 == 0 => at += 1 + usize::from(size),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(secret: &str) -> Key {
        let login = Login::new("skep.example.org.", secret).unwrap();
        Key::new(&login, Algorithm::HmacSha256).unwrap()
    }

    const SECRET: &str = "AAECAwQFBgcICQoLDA0ODw==";

    /// A message that its peer would have signed as its answer.
    fn answer(key: &Key, request_mac: &[u8], code: u8) -> Vec<u8> {
        let mut message = vec![7, 7, 0xa8, code, 0, 0, 0, 0, 0, 0, 0, 0];
        let time = &1_800_000_000_i64.to_be_bytes()[2..];
        let before = [&length(request_mac)[..], request_mac].concat();
        let mac = key.mac(&[&before, &message, &key.variables(time, FUDGE, 0, &[])]);
        let mut data = key.algorithm();
        data.extend(time);
        data.extend(FUDGE.to_be_bytes());
        data.extend(length(&mac));
        data.extend(&mac);
        data.extend([7, 7, 0, 0, 0, 0]);
        message.extend(&key.name);
        message.extend([0, 250, 0, 255, 0, 0, 0, 0]);
        message.extend(length(&data));
        message.extend(data);
        message[11] = 1;
        message
    }

    #[test]
    fn only_the_holder_of_the_key_can_answer() {
        let key = key(SECRET);
        let mut request = vec![7, 7, 0x28, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let mac = key.sign(&mut request, 1_800_000_000);
        assert_eq!((mac.len(), request[11]), (32, 1));
        let good = answer(&key, &mac, 0);
        let said = key.read(&good, &request, &mac).unwrap();
        assert_eq!(said, Said { code: 0, signature: 0, proven: true });
        // Another key, an answer to something else, one that was changed, one without a signature.
        let other = super::tests::key("BAECAwQFBgcICQoLDA0ODw==");
        assert!(!key.read(&answer(&other, &mac, 0), &request, &mac).unwrap().proven);
        assert!(!key.read(&good, &request, &[1; 32]).unwrap().proven);
        let mut changed = good.clone();
        changed[3] = 5;
        assert!(!key.read(&changed, &request, &mac).unwrap().proven);
        let bare = [7, 7, 0xa8, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        assert!(!key.read(&bare, &request, &mac).unwrap().proven);
        // What is cut off anywhere is no answer, or none that is proven.
        for end in 0..good.len() {
            assert!(key.read(&good[..end], &request, &mac).is_none_or(|said| !said.proven), "{end}");
        }
    }

    #[test]
    fn names_on_the_wire() {
        assert_eq!(wire_name("A.bc.").unwrap(), [1, b'a', 2, b'b', b'c', 0]);
        for bad in ["", ".", "a..b", &"a".repeat(64), &"a.".repeat(128)] {
            assert!(wire_name(bad).is_none(), "{bad}");
        }
    }
}
