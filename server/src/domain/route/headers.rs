//! Names and values of headers (RFC 9110, 5.1 and 5.5), without those that are not a user's to set.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use crate::domain::{fault::Wrong, instance::EDGE_PROOF};

/// Headers of one domain at most, in each direction.
const COUNT: usize = 50;
/// What belongs to one connection (RFC 9110, 7.6.1), to the message's frame, or to the edge.
const OURS: [&str; 14] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "content-length",
    "content-encoding",
    "host",
    "forwarded",
    EDGE_PROOF,
];
/// Beginnings of names that the edge or Skep alone writes.
const PREFIXES: [&str; 3] = ["x-forwarded-", "x-skep-", "x-real-"];

/// A token of RFC 9110, of plain characters, without `_`: 1 to 64 letters, digits, `-` and `.`.
/// As it was written; compared without case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[schema(value_type = String)]
#[serde(transparent)]
pub struct HeaderName(String);

impl HeaderName {
    /// Checks `text`.
    ///
    /// # Errors
    /// The rule that was broken.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
        if !(1..=64).contains(&text.len())
            || !text.bytes().all(plain)
            || !text.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
        {
            let rule = "must be a name like `X-Tenant`: a letter, then up to 63 letters, digits, `-` and `.`";
            return Err(Wrong::coded("invalid_header", rule));
        }
        Ok(Self(text.to_owned()))
    }

    /// The checked name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for HeaderName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        super::text(from, Self::parse)
    }
}

/// Visible characters and blanks within; at most 4000. Empty: the header is taken away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(value_type = String)]
#[serde(transparent)]
pub struct HeaderValue(String);

impl HeaderValue {
    /// Checks `text`.
    ///
    /// # Errors
    /// The rule that was broken.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        if text.len() > 4000 || text.trim() != text || !text.bytes().all(|b| (b' '..=b'~').contains(&b)) {
            let rule = "must be one line of at most 4000 plain ASCII characters, without blanks around it";
            return Err(Wrong::coded("invalid_header", rule));
        }
        Ok(Self(text.to_owned()))
    }

    /// The checked value.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for HeaderValue {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        super::text(from, Self::parse)
    }
}

/// Headers by name, one each whatever the case, none of them the edge's own.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, utoipa::ToSchema)]
#[schema(value_type = BTreeMap<String, String>)]
#[serde(transparent)]
pub struct Headers(BTreeMap<HeaderName, HeaderValue>);

impl Headers {
    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let all = BTreeMap::<HeaderName, HeaderValue>::deserialize(from)?;
        let wrong = |rule: String| Err(Wrong::coded("invalid_header", rule).for_serde());
        let mut names = std::collections::BTreeSet::new();
        for name in all.keys() {
            let lower = name.as_str().to_ascii_lowercase();
            if OURS.contains(&lower.as_str()) || PREFIXES.iter().any(|prefix| lower.starts_with(prefix)) {
                return wrong(format!(
                    "must not set `{}`, which is the edge's own; leave it out",
                    name.as_str()
                ));
            }
            if !names.insert(lower) {
                return wrong(format!("must set `{}` once, whatever the case of its letters", name.as_str()));
            }
        }
        if all.len() > COUNT {
            return wrong(format!("must be at most {COUNT} headers; leave some out"));
        }
        Ok(Self(all))
    }
}
