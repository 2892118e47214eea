//! Where a redirect may lead that a user asks for: a whole web address. Never a script, never an
//! address that takes its scheme from the page, never a pattern: what a visitor asked for is no
//! part of where they are sent, beyond its path.

use serde::{Deserialize, Serialize};
use url::Url;

use super::{domain_name::Hostname, fault::Wrong};

/// An `https://` or `http://` address of a public host, without user, password and fragment;
/// plain characters only.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, utoipa::ToSchema)]
#[schema(value_type = String)]
#[serde(transparent)]
pub struct RedirectTarget(String);

impl RedirectTarget {
    /// Checks and normalises `text`.
    ///
    /// # Errors
    /// The rule that was broken.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let wrong = || {
            Wrong::coded(
                "invalid_redirect",
                "must be a whole address like `https://www.example.com/new`, without user, pattern or fragment",
            )
        };
        // What a replacement could read as a group, a pattern or the end of a header.
        let plain =
            text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/:?&=%+,@".contains(&b) || b >= 0x80);
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let Some(rest) = rest.filter(|rest| plain && text.len() <= 2000 && !rest.starts_with('/')) else {
            return Err(wrong());
        };
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        let url = Url::parse(text).map_err(|_| wrong())?;
        let host = url.host_str().and_then(|host| Hostname::parse(host).ok());
        if host.is_none() || authority.contains('@') || url.port() == Some(0) {
            return Err(wrong());
        }
        Ok(Self(url.into()))
    }

    /// The checked address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for RedirectTarget {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).map_err(|wrong| wrong.for_serde())
    }
}
