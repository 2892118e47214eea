//! Passwords: the rule, the hash (Argon2id, RFC 9106, with OWASP's parameters), the comparison.
//!
//! What is easily guessed is found without asking anybody: `zxcvbn` has the commonest passwords of the
//! breaches, words, names, keyboard runs and dates in it, and tries them as guessers do: whatever the
//! case, with digits for letters, with endings, twice in a row.
//!
//! Hashing takes 19 MiB and some 30 ms, so it runs beside the async threads and two at a time:
//! a flood of logins waits and cannot exhaust the machine.

use std::sync::LazyLock;

use argon2::{Argon2, PasswordHash, PasswordHasher as _, PasswordVerifier as _, password_hash::SaltString};
use tokio::sync::Semaphore;
use url::Url;
use zxcvbn::{Score, zxcvbn};

use crate::{
    control::Error,
    domain::{clock::Clock, fault::Wrong, name::Email, secret::Secret},
};

/// The shortest password, characters.
pub const LEAST: usize = 12;
/// The longest password, characters.
pub const MOST: usize = 256;
/// Letters and digits that a password must have beside names, at least.
const BEYOND: usize = 6;
/// Hashes at once.
const AT_ONCE: usize = 2;
/// Compared with when there is no such person, so that both take the same time. No password fits.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

static ROOM: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(AT_ONCE));

/// The rule for a new password; `names` are known to whoever guesses it ([`names`]).
///
/// # Errors
/// Too short or too long; `password_common`.
pub fn check(password: &Secret, names: &[String]) -> Result<(), Wrong> {
    match password.expose().chars().take(MOST + 1).count() {
        LEAST..=MOST => {
            let known: Vec<&str> = names.iter().map(String::as_str).collect();
            let hard = zxcvbn(password.expose(), &known).score() >= Score::Three;
            if hard && !is_of_names(password, names) { Ok(()) } else { Err(common()) }
        }
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

/// What guessers know of a person: the parts of their address, their teams' names, and the instance's.
#[must_use]
pub fn names<'a>(
    email: &'a Email,
    teams: impl IntoIterator<Item = &'a str>,
    instance: Option<&'a Url>,
) -> Vec<String> {
    let host = instance.and_then(Url::host_str).unwrap_or_default();
    let whole = ["skep", email.as_str(), host].into_iter().chain(teams);
    let words =
        whole.flat_map(|name| std::iter::once(name).chain(name.split(|c: char| !c.is_alphanumeric())));
    // A shorter part is in half of all passwords.
    words.filter(|word| word.chars().count() > 2).map(str::to_lowercase).collect()
}

/// Whether too little is left when the names are taken out.
fn is_of_names(password: &Secret, names: &[String]) -> bool {
    let whole = Secret::new(password.expose().to_lowercase());
    let mut rest = whole.clone();
    for name in names {
        rest = Secret::new(rest.expose().replace(name.as_str(), " "));
    }
    rest != whole && rest.expose().chars().filter(|c| c.is_alphanumeric()).count() < BEYOND
}

fn common() -> Wrong {
    let rule = "is easily guessed: it is common, or made of names that belong to you; take some words that have \
                nothing to do with each other, or let a password manager make one";
    Wrong::coded("password_common", rule)
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

    fn told(password: &str, names: &[String]) -> Result<(), &'static str> {
        check(&Secret::new(password), names).map_err(|wrong| wrong.code)
    }

    #[test]
    fn case_112_length_is_checked_in_characters_before_anything_else() {
        let long: String = ('α'..='ω').cycle().step_by(7).take(MOST).collect();
        assert_eq!(told(&long.chars().take(LEAST).collect::<String>(), &[]), Ok(()));
        assert_eq!(told(&long, &[]), Ok(()));
        assert_eq!(told(&"x".repeat(11), &[]), Err("password_too_short"));
        assert_eq!(told(&"x".repeat(1 << 20), &[]), Err("password_too_long"));
    }

    #[test]
    fn what_guessers_try_first_is_refused() {
        for common in [
            "password1234",
            "PASSWORD1234",
            "P@ssw0rd2024!",
            "passwordpassword",
            "123456789012",
            "qwertyuiop[]",
            "iloveyou1234!",
            "aaaaaaaaaaaaaaaa",
            "letmein123456",
            "monkeymonkey1",
        ] {
            assert_eq!(told(common, &[]), Err("password_common"), "{common}");
        }
        for good in
            ["correct horse battery", "a password that is long", "zWq4-Jk29-pLmX", "tangle mosaic 7 ferry"]
        {
            assert_eq!(told(good, &[]), Ok(()), "{good}");
        }
    }

    #[test]
    fn names_that_belong_to_the_person_make_no_password() {
        let email = Email::parse("marguerite.ostrow@quillfarm.example").expect("an address");
        let url = Url::parse("https://deploy.zubrowka.example").expect("a URL");
        let names = names(&email, ["Fjordkapell Team"], Some(&url));
        for own in
            ["MargueriteOstrow", "quillfarm2025!", "fjordkapell2026", "zubrowka-skep-1", email.as_str()]
        {
            assert_eq!(told(own, &names), Err("password_common"), "{own}");
        }
        assert_eq!(told("zubrowka fjordkapell", &[]), Ok(()), "they are no words of others");
    }
}
