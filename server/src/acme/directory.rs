//! The address of an ACME directory (RFC 8555, 7.1.1).

use url::Url;

use crate::domain::fault::Wrong;

/// An `https` URL; plain http is refused, whatever the host: what comes from there decides which
/// keys our visitors trust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory(Url);

impl Directory {
    /// Let's Encrypt, whose certificates browsers trust.
    pub const LETSENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";
    /// Let's Encrypt's staging area: wide limits, not trusted by browsers.
    pub const LETSENCRYPT_STAGING: &str = "https://acme-staging-v02.api.letsencrypt.org/directory";

    /// Checks `text`; `production`, `staging`, `zerossl` and `google` are short for those that are named here.
    ///
    /// # Errors
    /// The rule that was broken.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let text = match text {
            "production" => Self::LETSENCRYPT,
            "staging" => Self::LETSENCRYPT_STAGING,
            "zerossl" => Self::ZEROSSL,
            "google" => Self::GOOGLE,
            other => other,
        };
        let wrong = || {
            let message = "must be `production`, `staging`, `zerossl`, `google` or the https address of an ACME directory, without user and fragment";
            Wrong::coded("invalid_directory", message)
        };
        let url = Url::parse(text).map_err(|_| wrong())?;
        let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if text.len() > 1000 || url.scheme() != "https" || !url.has_host() || !plain {
            return Err(wrong());
        }
        Ok(Self(url))
    }

    /// ZeroSSL: accounts need a key from its site (EAB).
    pub const ZEROSSL: &str = "https://acme.zerossl.com/v2/DV90";
    /// Google Trust Services: accounts need a key from its console (EAB).
    pub const GOOGLE: &str = "https://dv.acme-v02.api.pki.goog/directory";

    /// What people call it: the authority, or the host of the address.
    #[must_use]
    pub fn name(&self) -> String {
        match self.as_str() {
            Self::LETSENCRYPT => "Let's Encrypt",
            Self::LETSENCRYPT_STAGING => "Let's Encrypt, for trials",
            Self::ZEROSSL => "ZeroSSL",
            Self::GOOGLE => "Google Trust Services",
            _ => self.0.host_str().unwrap_or_default(),
        }
        .to_owned()
    }

    /// The checked address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl std::fmt::Display for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https() {
        for bad in [
            "http://acme.example.org/dir",
            "HTTP://acme.example.org",
            "ftp://acme.example.org",
            "file:///etc/passwd",
            "acme.example.org/dir",
            "",
            "https://",
            "https://user:pass@acme.example.org/dir",
            "https://acme.example.org/dir#x",
            "javascript:alert(1)",
            "data:,x",
        ] {
            assert_eq!(Directory::parse(bad).unwrap_err().code, "invalid_directory", "{bad}");
        }
        for good in ["https://acme.example.org/dir", "https://127.0.0.1:14000/dir", "production", "staging"] {
            assert!(Directory::parse(good).is_ok(), "{good}");
        }
        assert_eq!(Directory::parse("staging").unwrap().as_str(), Directory::LETSENCRYPT_STAGING);
    }
}
