//! Names and passwords that a visitor is asked for (RFC 7617). Only a hash of a password is kept, the
//! one that the edge itself verifies (bcrypt), and nobody is shown it.

use serde::{Deserialize, Deserializer, Serialize};

use crate::domain::{fault::Wrong, secret::Secret};

/// Logins of one domain at most.
const COUNT: usize = 50;
/// What a guess costs, and each request of a visitor: about 60 ms of one core for the first of them.
const COST: u32 = 10;
/// More bytes of a password bcrypt does not read.
const LONGEST: usize = 72;

/// 1 to 64 visible characters without `:`, which ends a name on the wire.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[schema(value_type = String)]
#[serde(transparent)]
pub struct LoginName(String);

impl LoginName {
    /// Checks `text`.
    ///
    /// # Errors
    /// The rule that was broken.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        // A `#` would begin a comment where such names stand in a file, `$` a variable.
        let plain = |b: u8| b.is_ascii_graphic() && !b":#$\"'\\`".contains(&b);
        if !(1..=64).contains(&text.len()) || !text.bytes().all(plain) {
            let rule = "must be 1 to 64 plain characters, without blanks, colon, quotes, `#`, `$` and `\\`";
            return Err(Wrong::coded("invalid_login", rule));
        }
        Ok(Self(text.to_owned()))
    }

    /// The checked name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for LoginName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        super::text(from, Self::parse)
    }
}

/// A password of 8 to 72 bytes, as it was given.
#[derive(Debug, Clone)]
pub struct LoginPassword(Secret);

impl<'de> Deserialize<'de> for LoginPassword {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let secret = Secret::deserialize(from)?;
        let (length, null) = (secret.expose().len(), secret.expose().contains('\0'));
        if !(8..=LONGEST).contains(&length) || null {
            let rule = "must be 8 to 72 bytes: of a longer one not all would count";
            return Err(Wrong::coded("invalid_password", rule).for_serde());
        }
        Ok(Self(secret))
    }
}

impl LoginPassword {
    /// The hash to keep: `$2y$10$…`. Takes about 60 ms of a core.
    ///
    /// # Errors
    /// None for a checked password; bcrypt's words, if it has any.
    pub fn hash(&self, salt: [u8; 16]) -> Result<String, String> {
        let hashed = bcrypt::hash_with_salt(self.0.expose().as_bytes(), COST, salt);
        hashed.map(|parts| parts.format_for_version(bcrypt::Version::TwoY)).map_err(|error| error.to_string())
    }
}

/// A login as it is given.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginGiven {
    /// The name.
    pub name: LoginName,
    /// The password; the one that is known by this name already, if absent. Never answered.
    #[serde(default)]
    #[schema(value_type = Option<String>, write_only)]
    pub password: Option<LoginPassword>,
}

/// A login as it is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// The name.
    pub name: LoginName,
    /// bcrypt's text.
    hash: String,
}

impl Login {
    /// A name with the hash of its password.
    #[must_use]
    pub const fn new(name: LoginName, hash: String) -> Self {
        Self { name, hash }
    }

    /// `name:hash`, for the edge alone.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{}:{}", self.name.as_str(), self.hash)
    }
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Login({})", self.name.as_str())
    }
}

/// Up to 50 logins as they are given, each name once.
#[derive(Debug, Clone, Default)]
pub struct Logins(Vec<LoginGiven>);

impl Logins {
    /// All of them.
    #[must_use]
    pub fn into_vec(self) -> Vec<LoginGiven> {
        self.0
    }
}

impl<'de> Deserialize<'de> for Logins {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let all = Vec::<LoginGiven>::deserialize(from)?;
        let names: std::collections::BTreeSet<_> = all.iter().map(|login| &login.name).collect();
        if all.len() > COUNT || names.len() < all.len() {
            return Err(Wrong::new("must be at most 50 logins, each name once").for_serde());
        }
        Ok(Self(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_what_the_edge_verifies_and_is_not_shown() {
        let password: LoginPassword = serde_json::from_str("\"correct horse\"").unwrap();
        let hash = password.hash([7; 16]).unwrap();
        assert!(hash.starts_with("$2y$10$") && hash.len() == 60, "{hash}");
        assert!(bcrypt::verify("correct horse", &hash).unwrap());
        let login = Login::new(LoginName::parse("ops").unwrap(), hash.clone());
        assert_eq!(login.line(), format!("ops:{hash}"));
        assert!(
            !format!("{login:?} {password:?}").contains("2y$") && !format!("{password:?}").contains("horse")
        );
    }

    #[test]
    fn names_and_passwords_are_checked() {
        for bad in ["", "a:b", "a b", "#a", "a\n", "caf\u{e9}", "a$b"] {
            assert_eq!(LoginName::parse(bad).unwrap_err().code, "invalid_login", "{bad:?}");
        }
        for bad in [String::from("short"), "a".repeat(73)] {
            assert!(serde_json::from_value::<LoginPassword>(bad.into()).is_err());
        }
        assert!(serde_json::from_str::<Logins>(r#"[{"name":"a"},{"name":"a"}]"#).is_err());
    }
}
