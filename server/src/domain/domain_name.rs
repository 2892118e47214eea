//! A host name owned by one app, and where it leads.

use serde::{Deserialize, Serialize};

use super::{
    clock::Time,
    fault::Wrong,
    host_pattern::HostPattern,
    id::{AppId, DomainId},
    route::{Login, RouteOptions},
};

/// The endings of names that are private to a network (RFC 6762, and ICANN's reservation of `internal`).
pub const PRIVATE: [&str; 2] = ["internal", "local"];

/// A host name: lower case, punycode (RFC 5891), without trailing dot. No address, no single label, no
/// wildcard; `.local` or `.internal` only where private names are asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
#[schema(value_type = String)]
#[serde(transparent)]
pub struct Hostname(String);

impl Hostname {
    /// Checks and normalises `text`.
    ///
    /// # Errors
    /// The rule that was broken.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let name = Self::checked(text)?;
        if name.ends_privately() {
            return Err(Wrong::coded(
                "invalid_host",
                "must be a public host name with a domain, not an address and not a local name",
            ));
        }
        Ok(name)
    }

    /// Checks and normalises a name that is private to a network: one of [`PRIVATE`].
    ///
    /// # Errors
    /// The rule that was broken.
    pub fn private(text: &str) -> Result<Self, Wrong> {
        let wrong = || Wrong::coded("invalid_host", "must be a private name, below `.internal` or `.local`");
        Self::checked(text).and_then(|name| if name.ends_privately() { Ok(name) } else { Err(wrong()) })
    }

    /// A name that was checked when it was stored, public or private.
    ///
    /// # Errors
    /// The rule that was broken.
    pub fn stored(text: &str) -> Result<Self, Wrong> {
        Self::checked(text)
    }

    fn ends_privately(&self) -> bool {
        self.0.rsplit('.').next().is_some_and(|last| PRIVATE.contains(&last))
    }

    fn checked(text: &str) -> Result<Self, Wrong> {
        let wrong = |message: &str| Wrong::coded("invalid_host", message);
        if text.contains('*') {
            return Err(wrong(
                "must not be a wildcard, or have its star as its first label: `*.shop.example.org`",
            ));
        }
        let text = text.strip_suffix('.').unwrap_or(text);
        if text.is_empty() || text.len() > 1000 {
            return Err(wrong("must be a host name like `shop.example.org`"));
        }
        let ascii = idna::domain_to_ascii_strict(text).map_err(|_| {
            wrong("must be a host name like `shop.example.org`: letters, digits, hyphens and dots")
        })?;
        let labels: Vec<&str> = ascii.split('.').collect();
        let label_ok = |l: &&str| {
            (1..=63).contains(&l.len())
                && l.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
                && !l.starts_with('-')
                && !l.ends_with('-')
        };
        if ascii.len() > 253 || !labels.iter().all(label_ok) {
            return Err(wrong(
                "must be a host name of at most 253 characters, each part 1 to 63 letters, digits or hyphens",
            ));
        }
        let last = labels.last().copied().unwrap_or_default();
        let numeric = last.bytes().all(|b| b.is_ascii_digit()) || last.starts_with("0x");
        if labels.len() < 2 || numeric || matches!(last, "localhost" | "invalid" | "onion") {
            return Err(wrong(
                "must be a public host name with a domain, not an address and not a local name",
            ));
        }
        Ok(Self(ascii))
    }

    /// The checked name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The names that this one lies below, nearest first, without the last label alone.
    pub fn parents(&self) -> impl Iterator<Item = &str> {
        fn next<'a>(name: &&'a str) -> Option<&'a str> {
            name.split_once('.').map(|(_, rest)| rest)
        }
        std::iter::successors(next(&self.as_str()), next).filter(|name| name.contains('.'))
    }

    /// The same name with `www.` in front; without it, if it has it.
    ///
    /// # Errors
    /// What then is no name of its own: too long, or a last label alone.
    pub fn other(&self) -> Result<Self, Wrong> {
        match self.0.strip_prefix("www.") {
            Some(apex) => Self::parse(apex),
            None => Self::parse(&format!("www.{}", self.0)),
        }
    }
}

impl AsRef<str> for Hostname {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Hostname {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Hostname {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).map_err(|wrong| wrong.for_serde())
    }
}

/// A path prefix of a route: starts with `/`, plain segments only. `/` means all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
#[schema(value_type = String)]
#[serde(transparent)]
pub struct PathPrefix(String);

impl PathPrefix {
    /// Checks `text`.
    ///
    /// # Errors
    /// The rule that was broken.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let ok = text.starts_with('/')
            && text.len() <= 255
            && !text.contains("//")
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-._~".contains(&b))
            && !text.split('/').any(|part| matches!(part, "." | ".."));
        if !ok {
            return Err(Wrong::coded(
                "invalid_path",
                "must start with `/` and hold only letters, digits and `-._~/`, without `..`",
            ));
        }
        Ok(Self(if text.len() > 1 { text.trim_end_matches('/').to_owned() } else { text.to_owned() }))
    }

    /// The checked path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for PathPrefix {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).map_err(|wrong| wrong.for_serde())
    }
}

/// A host name (with path) and the app it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    /// Its id; also the opaque name of its router.
    pub id: DomainId,
    /// The app.
    pub app: AppId,
    /// The host; owned by one app, whatever the path.
    pub host: HostPattern,
    /// Requests under this path.
    pub path: PathPrefix,
    /// Take the prefix off before the app sees the request.
    pub strip: bool,
    /// The service of a Compose app that it leads to. None: the app has only one, or it is decided
    /// by the next deployment.
    pub service: Option<String>,
    /// The port in the container.
    pub port: u16,
    /// Serve over HTTPS, redirect http.
    pub https: bool,
    /// Made by Skep for a first try.
    pub generated: bool,
    /// The host with `www.`, or without it, that is sent on to this one; owned by the app, too.
    pub other_host: Option<HostPattern>,
    /// What else holds for it.
    pub options: RouteOptions,
    /// Whom visitors must show to be; none: nobody is asked.
    pub logins: Vec<Login>,
    /// When it was made.
    pub created_at: Time,
}

impl Domain {
    /// The hosts that are its app's by it: its own, and the one that is sent on to it.
    pub fn hosts(&self) -> impl Iterator<Item = &HostPattern> {
        std::iter::once(&self.host).chain(&self.other_host)
    }

    /// Whether it leads to this service of Swarm: the one called as the stack, or by the stack and
    /// the service's own name.
    #[must_use]
    pub fn leads_to(&self, stack: &str, service: &str) -> bool {
        leads(self.service.as_deref(), stack, service)
    }
}

/// Whether what names this service of a Compose app, or none, leads to that service of Swarm.
#[must_use]
pub fn leads(named: Option<&str>, stack: &str, service: &str) -> bool {
    service == stack || skep_stack::text::short(stack, service).is_some_and(|name| named == Some(name))
}
