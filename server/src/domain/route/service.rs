//! How the app's servers are chosen and spoken to.

use serde::{Deserialize, Deserializer, Serialize};

use super::{HeaderName, number};
use crate::domain::fault::Wrong;

/// From 0, as without one, to 100: the higher one is asked first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Priority(u8);

impl Priority {
    /// The number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl<'de> Deserialize<'de> for Priority {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let number = number(from, 0, 100, "must be a whole number from 0 to 100; the higher is asked first")?;
        Ok(Self(u8::try_from(number).unwrap_or(100)))
    }
}

/// How the app is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Backend {
    /// HTTP/1.1.
    #[default]
    Http,
    /// HTTP/2 without TLS: gRPC.
    H2c,
    /// HTTPS; the app's certificate must be valid for its address.
    Https,
    /// HTTPS; any certificate will do. Whoever can get between edge and app could read along.
    HttpsUnverified,
}

impl Backend {
    /// The scheme of the servers' addresses.
    #[must_use]
    pub const fn scheme(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::H2c => "h2c",
            Self::Https | Self::HttpsUnverified => "https",
        }
    }
}

/// When browsers send a cookie along with requests that other sites begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SameSite {
    /// When a link is followed.
    Lax,
    /// Never.
    Strict,
    /// Always; only with HTTPS.
    None,
}

impl SameSite {
    /// As in `Set-Cookie`, in Traefik's spelling.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lax => "lax",
            Self::Strict => "strict",
            Self::None => "none",
        }
    }
}

/// The cookie by which a visitor stays with one task. No script sees it, and with HTTPS it goes by
/// HTTPS alone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, utoipa::ToSchema)]
pub struct Sticky {
    /// Its name; one that only we use, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cookie: Option<HeaderName>,
    /// `lax` if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_site: Option<SameSite>,
    /// Seconds that it is kept; until the browser ends, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age_seconds: Option<u32>,
}

impl<'de> Deserialize<'de> for Sticky {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(default, deny_unknown_fields)]
        #[derive(Default)]
        struct Given {
            cookie: Option<HeaderName>,
            same_site: Option<SameSite>,
            max_age_seconds: Option<u32>,
        }
        let Given { cookie, same_site, max_age_seconds } = Given::deserialize(from)?;
        if max_age_seconds.is_some_and(|seconds| seconds == 0 || seconds > 31_536_000) {
            let rule = "must be kept 1 to 31536000 seconds (a year)";
            return Err(Wrong::new(rule).for_serde());
        }
        Ok(Self { cookie, same_site, max_age_seconds })
    }
}
