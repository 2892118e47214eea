//! What a store is shown: a token alone, or a name with its secret.

use serde::Deserialize;
use serde_json::json;

use crate::domain::{
    fault::{Fault, Wrong},
    secret::Secret,
};

/// Credentials of a store. What the two are called there, says each kind of
/// [`Settings`](super::Settings).
#[derive(Debug, Clone, Deserialize)]
pub struct Login {
    /// A role, a client or an access key; empty for a token alone.
    pub id: String,
    /// The token, or the secret of `id`.
    pub secret: Secret,
}

impl Login {
    /// Checks both; they go into headers, where no other character may be.
    ///
    /// # Errors
    /// Faults at `login.id` and `login.secret`.
    pub fn new(id: &str, secret: &str) -> Result<Self, Vec<Fault>> {
        let plain = |text: &str| text.bytes().all(|b| b.is_ascii_graphic());
        let (id, secret) = (id.trim(), secret.trim());
        let mut faults = Vec::new();
        if id.len() > 255 || !plain(id) {
            faults.push(Wrong::new("must be at most 255 visible ASCII characters").at("login.id"));
        }
        if !(1..=8192).contains(&secret.len()) || !plain(secret) {
            faults.push(Wrong::new("must be 1 to 8192 visible ASCII characters").at("login.secret"));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Self { id: id.to_owned(), secret: Secret::new(secret) })
    }

    /// As it is sealed.
    #[must_use]
    pub fn plain(&self) -> Secret {
        Secret::new(json!({"id": self.id, "secret": self.secret.expose()}).to_string())
    }

    /// What was sealed.
    #[must_use]
    pub fn read(plain: &Secret) -> Option<Self> {
        serde_json::from_str(plain.expose()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_in_a_header_is_refused_and_nothing_is_told() {
        let login = Login::new(" role ", "s3cret\n").unwrap();
        assert_eq!((login.id.as_str(), login.secret.expose()), ("role", "s3cret"));
        assert!(!format!("{login:?}").contains("s3cret"));
        let again = Login::read(&login.plain()).unwrap();
        assert_eq!((again.id.as_str(), again.secret.expose()), ("role", "s3cret"));
        for (id, secret, fields) in [
            ("", "", &["login.secret"][..]),
            ("a\r\nb", "a\r\nb", &["login.id", "login.secret"]),
            ("é", "x", &["login.id"]),
        ] {
            let faults = Login::new(id, secret).unwrap_err();
            assert_eq!(faults.iter().map(|fault| fault.field.as_str()).collect::<Vec<_>>(), fields);
        }
        assert!(Login::new("", &"x".repeat(8193)).is_err());
    }
}
