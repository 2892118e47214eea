//! The host of a route: one name, or every name one label below another (`*.shop.example.org`).
//!
//! Public names are anybody's to ask for; private ones (`.internal`, `.local`) have no owner that the world
//! knows, and so no certificate but one of the instance's own authority. To allow one more ending: a line in
//! [`PRIVATE`](super::domain_name::PRIVATE), and in the tests below.

use serde::{Deserialize, Serialize};

use super::{domain_name::Hostname, fault::Wrong};

/// A host name, or `*.` and a host name: exactly one label stands for the star.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
#[schema(value_type = String)]
#[serde(transparent)]
pub struct HostPattern(String);

impl HostPattern {
    /// Checks and normalises a public host, as [`Hostname::parse`], or a wildcard below one.
    ///
    /// # Errors
    /// The rule that was broken.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        Self::of(text, Hostname::parse)
    }

    /// The same for a private name, as [`Hostname::private`].
    ///
    /// # Errors
    /// The rule that was broken.
    pub fn private(text: &str) -> Result<Self, Wrong> {
        Self::of(text, Hostname::private)
    }

    /// Either of the two: for what is stored, or only looked for.
    ///
    /// # Errors
    /// The rule that was broken.
    pub fn any(text: &str) -> Result<Self, Wrong> {
        Self::private(text).or_else(|_| Self::parse(text))
    }

    fn of(text: &str, name: impl Fn(&str) -> Result<Hostname, Wrong>) -> Result<Self, Wrong> {
        let Some(base) = text.strip_prefix("*.") else { return Ok(Self(name(text)?.as_str().to_owned())) };
        Ok(Self(format!("*.{}", name(base)?)))
    }

    /// The checked text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a star stands for its first label.
    #[must_use]
    pub fn is_wildcard(&self) -> bool {
        self.0.starts_with("*.")
    }

    /// Whether no public authority can know the name.
    #[must_use]
    pub fn is_private(&self) -> bool {
        Hostname::private(self.base()).is_ok()
    }

    /// The name itself, or the one that a wildcard lies below.
    #[must_use]
    pub fn base(&self) -> &str {
        self.0.strip_prefix("*.").unwrap_or(&self.0)
    }

    /// The name, unless it is a wildcard.
    #[must_use]
    pub fn exact(&self) -> Option<Hostname> {
        Some(&self.0).filter(|_| !self.is_wildcard()).and_then(|name| Hostname::stored(name).ok())
    }

    /// The name of the record by which the host is proved in its DNS (RFC 8555, 8.4).
    #[must_use]
    pub fn challenge_name(&self) -> String {
        format!("_acme-challenge.{}", self.base())
    }

    /// The same name with or without `www.`, as [`Hostname::other`].
    ///
    /// # Errors
    /// A wildcard has none; see [`Hostname::other`].
    pub fn other(&self) -> Result<Self, Wrong> {
        let rule = "cannot be for a wildcard: it stands for one label alone";
        let name = self.exact().ok_or_else(|| Wrong::coded("invalid_host", rule))?;
        Ok(name.other()?.into())
    }

    /// Whether what is for this host is for all of `other`, too: the same, or one label below a wildcard.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let below = || other.0.split_once('.').is_some_and(|(_, rest)| rest == self.base());
        self == other || (self.is_wildcard() && !other.is_wildcard() && below())
    }

    /// The names that it lies at or below, nearest first, without the last label alone.
    pub fn around(&self) -> impl Iterator<Item = &str> {
        fn up<'n>(name: &&'n str) -> Option<&'n str> {
            name.split_once('.').map(|(_, rest)| rest).filter(|rest| rest.contains('.'))
        }
        std::iter::successors(Some(self.base()), up)
    }
}

impl AsRef<str> for HostPattern {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<Hostname> for HostPattern {
    fn from(host: Hostname) -> Self {
        Self(host.as_str().to_owned())
    }
}

impl std::fmt::Display for HostPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for HostPattern {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::any(&text).map_err(|wrong| wrong.for_serde())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> HostPattern {
        HostPattern::any(text).unwrap()
    }

    #[test]
    fn case_086_a_star_stands_for_one_whole_label_below_a_domain() {
        assert_eq!(host("*.Shop.Example.ORG.").as_str(), "*.shop.example.org");
        assert_eq!(host("*.b\u{fc}cher.example").as_str(), "*.xn--bcher-kva.example");
        for bad in
            ["*", "*.", "*.org", "**.example.org", "*.*.example.org", "a.*.example.org", "*a.example.org"]
        {
            assert_eq!(HostPattern::any(bad).unwrap_err().code, "invalid_host", "{bad}");
        }
        for bad in ["*.internal", "*.127.0.0.1", "*.localhost", "*.example.org`) || Host(`x"] {
            assert!(HostPattern::any(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn private_names_are_told_apart() {
        for name in ["db.internal", "*.shop.internal", "printer.local"] {
            assert!(host(name).is_private(), "{name}");
            assert_eq!(HostPattern::parse(name).unwrap_err().code, "invalid_host");
        }
        for name in ["db.internal.example.org", "*.local.example.org"] {
            assert!(!host(name).is_private(), "{name}");
            assert!(HostPattern::private(name).is_err());
        }
    }

    #[test]
    fn a_wildcard_covers_one_label() {
        let all = host("*.shop.example.org");
        for (name, covered) in [
            ("a.shop.example.org", true),
            ("*.shop.example.org", true),
            ("shop.example.org", false),
            ("a.b.shop.example.org", false),
            ("*.b.shop.example.org", false),
            ("a.shop.example.net", false),
        ] {
            assert_eq!(all.covers(&host(name)), covered, "{name}");
        }
        assert!(!host("a.shop.example.org").covers(&all));
    }

    #[test]
    fn what_lies_around_it() {
        let names = |text: &str| host(text).around().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(names("*.a.shop.example.org"), ["a.shop.example.org", "shop.example.org", "example.org"]);
        assert_eq!(names("example.org"), ["example.org"]);
    }
}
