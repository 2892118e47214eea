//! One-time codes of an authenticator app (RFC 6238: HMAC-SHA-1, steps of 30 s, six digits), and the
//! codes that stand in for a lost one. No clock, no storage: which code was used is kept by `db/two_factor.rs`.

use hmac::{Hmac, Mac as _};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{
    clock::{Clock, Time},
    name::Email,
    secret::Secret,
};

/// Bytes of a secret: as many as SHA-1 gives, as RFC 4226 (4) advises.
pub const BYTES: usize = 20;
/// Seconds for which a code is made.
const STEP: i64 = 30;
/// Steps before and after now of which codes are taken, as clocks differ.
const WINDOW: i64 = 1;
/// Digits of a code.
const DIGITS: usize = 6;
/// Recovery codes that are made at once.
pub const RECOVERY_CODES: usize = 10;
/// Random bytes of one: 80 bits are not guessed, also by whoever has its hash.
const RECOVERY_BYTES: usize = 10;
/// The characters of RFC 4648, 6.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The secret that the app and we share.
#[derive(Clone)]
pub struct TotpKey(Zeroizing<Vec<u8>>);

impl TotpKey {
    /// A new one.
    #[must_use]
    pub fn random(clock: &dyn Clock) -> Self {
        let mut bytes = Zeroizing::new(vec![0; BYTES]);
        clock.fill(&mut bytes);
        Self(bytes)
    }

    /// The one of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// As people type it into an app: base32 without padding.
    #[must_use]
    pub fn text(&self) -> Secret {
        Secret::new(base32(self.bytes()))
    }

    /// As an app reads it from a QR code; `issuer` is who asks for codes, `email` whose they are.
    #[must_use]
    pub fn uri(&self, issuer: &str, email: &Email) -> Secret {
        let part = |text: &str| {
            url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
        };
        let (issuer, email) = (part(issuer), part(email.as_str()));
        Secret::new(format!(
            "otpauth://totp/{issuer}:{email}?secret={}&issuer={issuer}",
            self.text().expose()
        ))
    }

    /// The first step after `last` that this code is for, if it is for one near `now`.
    #[must_use]
    pub fn step_of(&self, code: &str, now: Time, last: i64) -> Option<i64> {
        let current = now.timestamp().div_euclid(STEP);
        (current - WINDOW..=current + WINDOW)
            .find(|step| *step > last && bool::from(self.code(*step).as_bytes().ct_eq(code.as_bytes())))
    }

    /// The code at a moment.
    #[must_use]
    pub fn code_at(&self, now: Time) -> String {
        self.code(now.timestamp().div_euclid(STEP))
    }

    /// The code of a step (RFC 4226, 5.3).
    fn code(&self, step: i64) -> String {
        let code = truncated(self.bytes(), step) % 1_000_000;
        format!("{code:0DIGITS$}")
    }
}

/// 31 bits of the HMAC of a step.
fn truncated(key: &[u8], step: i64) -> u32 {
    // HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<sha1::Sha1>::new_from_slice(key) else { return 0 };
    mac.update(&step.to_be_bytes());
    let mac = mac.finalize().into_bytes();
    let at = usize::from(mac[mac.len() - 1] & 0xf);
    u32::from_be_bytes([mac[at], mac[at + 1], mac[at + 2], mac[at + 3]]) & 0x7fff_ffff
}

impl std::fmt::Debug for TotpKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpKey(…)")
    }
}

/// What somebody entered as a code.
#[derive(Debug, Clone)]
pub enum Entered {
    /// Six digits of the app.
    Digits(Secret),
    /// A recovery code as it is kept: small letters and digits, without dashes.
    Recovery(Secret),
}

impl Entered {
    /// Reads it; blanks and dashes count for nothing.
    #[must_use]
    pub fn read(text: &Secret) -> Self {
        let plain: String =
            text.expose().chars().filter(|c| !c.is_whitespace() && *c != '-').take(64).collect();
        let plain = Secret::new(plain.to_ascii_lowercase());
        if plain.expose().len() == DIGITS && plain.expose().bytes().all(|b| b.is_ascii_digit()) {
            Self::Digits(plain)
        } else {
            Self::Recovery(plain)
        }
    }
}

/// A new recovery code in groups of four: `abcd-efgh-ijkl-mnop`.
#[must_use]
pub fn recovery_code(clock: &dyn Clock) -> Secret {
    let mut bytes = [0; RECOVERY_BYTES];
    clock.fill(&mut bytes);
    let text = base32(&bytes).to_ascii_lowercase();
    let mut groups = String::with_capacity(text.len() + 3);
    for (i, c) in text.chars().enumerate() {
        if i > 0 && i % 4 == 0 {
            groups.push('-');
        }
        groups.push(c);
    }
    Secret::new(groups)
}

/// Base32 without padding (RFC 4648, 6).
fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for group in bytes.chunks(5) {
        let mut padded = [0; 8];
        padded[3..3 + group.len()].copy_from_slice(group);
        let bits = u64::from_be_bytes(padded);
        let count = (group.len() * 8).div_ceil(5);
        text.extend((0..count).map(|i| char::from(BASE32[(bits >> (35 - 5 * i) & 31) as usize])));
    }
    text
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::clock::SystemClock;

    fn at(seconds: i64) -> Time {
        DateTime::from_timestamp(seconds, 0).expect("a time")
    }

    #[test]
    fn the_vectors_of_rfc_6238() {
        let key = TotpKey::of(b"12345678901234567890");
        // The appendix has eight digits; ours are the last six of them.
        for (seconds, digits) in [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ] {
            assert_eq!(truncated(key.bytes(), seconds / STEP) % 100_000_000, digits);
            assert_eq!(key.code_at(at(seconds)), format!("{:06}", digits % 1_000_000));
        }
    }

    #[test]
    fn the_vectors_of_rfc_4648() {
        for (plain, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(plain.as_bytes()), text);
        }
    }

    #[test]
    fn the_address_for_apps_is_escaped() {
        let email = Email::parse("a+b@example.org").expect("an address");
        let uri = TotpKey::of(b"12345678901234567890").uri("Skep & co", &email);
        let right = "otpauth://totp/Skep%20%26%20co:a%2Bb%40example.org\
                     ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Skep%20%26%20co";
        assert_eq!(uri.expose(), right);
    }

    #[test]
    fn what_is_entered_is_digits_or_a_recovery_code() {
        let read = |text: &str| match Entered::read(&Secret::new(text)) {
            Entered::Digits(code) => ("digits", code.expose().to_owned()),
            Entered::Recovery(code) => ("recovery", code.expose().to_owned()),
        };
        assert_eq!(read(" 012 345\n"), ("digits", "012345".into()));
        assert_eq!(read("ABCD-efgh-2345-mnop"), ("recovery", "abcdefgh2345mnop".into()));
        assert_eq!(read("１２３４５６").0, "recovery", "other digits than ours are none");
        assert_eq!(read(&"1".repeat(1 << 20)).1.len(), 64);
        let code = recovery_code(&SystemClock);
        assert_eq!(code.expose().len(), 19);
        assert_ne!(code, recovery_code(&SystemClock));
    }

    proptest! {
        #[test]
        fn a_code_counts_one_step_each_way_and_never_at_or_before_the_last(
            key in prop::collection::vec(any::<u8>(), BYTES),
            seconds in 0_i64..4_000_000_000,
            off in -3_i64..=3,
        ) {
            let key = TotpKey::of(&key);
            let (now, step) = (at(seconds), seconds / STEP);
            let code = key.code(step + off);
            let found = key.step_of(&code, now, i64::MIN);
            // Codes of two steps are the same once in a million.
            prop_assume!((-4..=4).filter(|i| key.code(step + i) == code).count() == 1);
            prop_assert_eq!(found, (off.abs() <= WINDOW).then_some(step + off));
            prop_assert_eq!(key.step_of(&code, now, step + off), None);
        }

        #[test]
        fn no_text_is_too_odd_to_be_compared(text in ".*") {
            let key = TotpKey::of(b"12345678901234567890");
            prop_assume!(text.len() != DIGITS);
            prop_assert_eq!(key.step_of(&text, at(59), i64::MIN), None);
        }
    }
}
