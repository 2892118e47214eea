//! Passwords: the rule, the hash (Argon2id, RFC 9106, with OWASP's parameters), the comparison.
//!
//! Hashing takes 19 MiB and some 30 ms, so it runs beside the async threads and two at a time:
//! a flood of logins waits and cannot exhaust the machine.

use std::sync::LazyLock;

use argon2::{Argon2, PasswordHash, PasswordHasher as _, PasswordVerifier as _, password_hash::SaltString};
use tokio::sync::Semaphore;

use crate::{
    control::Error,
    domain::{clock::Clock, fault::Wrong, secret::Secret},
};

/// The shortest password, characters.
pub const LEAST: usize = 12;
/// The longest password, characters.
pub const MOST: usize = 256;
/// Hashes at once.
const AT_ONCE: usize = 2;
/// Compared with when there is no such person, so that both take the same time. No password fits.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

static ROOM: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(AT_ONCE));

/// The rule for a new password.
///
/// # Errors
/// Too short or too long.
pub fn check(password: &Secret) -> Result<(), Wrong> {
    match password.expose().chars().take(MOST + 1).count() {
        LEAST..=MOST => Ok(()),
        count if count < LEAST => {
            Err(Wrong::coded("password_too_short", format!("must have at least {LEAST} characters")))
        }
        _ => Err(too_long()),
    }
}

/// Refuses what is too long to be hashed at all.
///
/// # Errors
/// Too long.
pub fn check_length(password: &Secret) -> Result<(), Wrong> {
    if password.expose().chars().take(MOST + 1).count() > MOST { Err(too_long()) } else { Ok(()) }
}

fn too_long() -> Wrong {
    Wrong::coded("password_too_long", format!("must have at most {MOST} characters"))
}

/// The hash to keep, in PHC form.
///
/// # Errors
/// A fault of ours.
pub async fn hash(clock: &dyn Clock, password: &Secret) -> Result<String, Error> {
    let mut random = [0; 16];
    clock.fill(&mut random);
    let salt = SaltString::encode_b64(&random).map_err(|error| Error::internal(error.to_string()))?;
    let password = password.clone();
    beside(move || {
        let hashed = Argon2::default().hash_password(password.expose().as_bytes(), &salt);
        hashed.map(|hash| hash.to_string()).map_err(|error| Error::internal(error.to_string()))
    })
    .await?
}

/// Whether the password is the one that was hashed; without a hash: no, after the same work.
///
/// # Errors
/// A fault of ours.
pub async fn verify(hash: Option<&str>, password: &Secret) -> Result<bool, Error> {
    let known = hash.is_some();
    let hash = hash.unwrap_or(NOBODY).to_owned();
    let password = password.clone();
    let fits = beside(move || {
        PasswordHash::new(&hash)
            .is_ok_and(|hash| Argon2::default().verify_password(password.expose().as_bytes(), &hash).is_ok())
    })
    .await?;
    Ok(fits && known)
}

async fn beside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let _permit = ROOM.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::SystemClock;

    #[tokio::test]
    async fn only_the_same_password_fits() {
        let right = Secret::new("correct horse battery");
        let hash = hash(&SystemClock, &right).await.expect("hashed");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "the stand-in does the same work");
        assert!(verify(Some(&hash), &right).await.expect("compared"));
        assert!(!verify(Some(&hash), &Secret::new("correct horse batterz")).await.expect("compared"));
        assert!(!verify(None, &right).await.expect("compared"));
        assert!(PasswordHash::new(NOBODY).is_ok(), "the stand-in can be read, so the work is done");
    }

    #[test]
    fn case_112_length_is_checked_in_characters_before_anything_else() {
        assert_eq!(check(&Secret::new("é".repeat(12))), Ok(()));
        assert_eq!(check(&Secret::new("é".repeat(256))), Ok(()));
        assert_eq!(check(&Secret::new("x".repeat(11))).expect_err("short").code, "password_too_short");
        assert_eq!(check(&Secret::new("x".repeat(1 << 20))).expect_err("long").code, "password_too_long");
    }
}
