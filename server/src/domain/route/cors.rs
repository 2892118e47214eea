//! Cross-origin requests: which pages elsewhere may read the answers.

use serde::{Deserialize, Deserializer, Serialize};
use url::Url;

use super::HeaderName;
use crate::domain::{domain_name::Hostname, fault::Wrong};

/// Entries of one list at most.
const COUNT: usize = 50;
const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "REPORT", "PROPFIND"];

/// `https://shop.example.org`, `http://localhost:3000`, or `*` for every page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(value_type = String)]
#[serde(transparent)]
pub struct Origin(String);

impl Origin {
    /// Checks and normalises `text`.
    ///
    /// # Errors
    /// The rule that was broken.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        if text == "*" {
            return Ok(Self(text.to_owned()));
        }
        let rule = "must be a scheme and host like `https://shop.example.org`, without path, or `*`";
        let wrong = || Wrong::coded("invalid_origin", rule);
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:/".contains(&b) || b >= 0x80);
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        if !plain || text.len() > 300 || rest.is_none_or(|rest| rest.is_empty() || rest.contains('/')) {
            return Err(wrong());
        }
        let url = Url::parse(text).map_err(|_| wrong())?;
        let host = url.host_str().unwrap_or_default();
        if (host != "localhost" && Hostname::parse(host).is_err()) || url.port() == Some(0) {
            return Err(wrong());
        }
        Ok(Self(url.origin().ascii_serialization()))
    }

    /// The checked origin.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        super::text(from, Self::parse)
    }
}

/// What the edge tells browsers, and answers to what they ask beforehand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Cors {
    /// The pages: 1 to 50.
    pub origins: Vec<Origin>,
    /// Methods beside the simple ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
    /// Headers that requests may bring.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<HeaderName>,
    /// Headers of answers that pages may read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expose: Vec<HeaderName>,
    /// Requests may bring cookies; not with `*`.
    pub credentials: bool,
    /// Seconds that a browser remembers the answer: up to a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age_seconds: Option<u32>,
}

impl<'de> Deserialize<'de> for Cors {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Given {
            origins: Vec<Origin>,
            #[serde(default)]
            methods: Vec<String>,
            #[serde(default)]
            headers: Vec<HeaderName>,
            #[serde(default)]
            expose: Vec<HeaderName>,
            #[serde(default)]
            credentials: bool,
            #[serde(default)]
            max_age_seconds: Option<u32>,
        }
        let Given { origins, methods, headers, expose, credentials, max_age_seconds } =
            Given::deserialize(from)?;
        let wrong = |rule: &str| Err(Wrong::new(rule).for_serde());
        if origins.is_empty() || [origins.len(), headers.len(), expose.len()].iter().any(|n| *n > COUNT) {
            return wrong("must name 1 to 50 `origins`, and at most 50 `headers` and `expose` each");
        }
        if credentials && origins.iter().any(|origin| origin.as_str() == "*") {
            return wrong("browsers take `credentials` only with named `origins`: name them in place of `*`");
        }
        if methods.len() > METHODS.len() || !methods.iter().all(|m| METHODS.contains(&m.as_str())) {
            return wrong("must name `methods` in capitals: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
        }
        if max_age_seconds.is_some_and(|seconds| seconds > 86_400) {
            return wrong("must be remembered for at most 86400 seconds (`max_age_seconds`)");
        }
        Ok(Self { origins, methods, headers, expose, credentials, max_age_seconds })
    }
}
