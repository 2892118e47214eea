//! Where a secret store answers: the one thing that decides who is sent its credentials.

use url::Url;

use crate::domain::{fault::Wrong, outbound::Outbound};

/// Characters at most.
const LONGEST: usize = 500;

/// An address of http or https: a host, perhaps a port and a path, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreAddress(Url);

impl StoreAddress {
    /// Checks `text`.
    ///
    /// # Errors
    /// The rule that was broken.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let wrong =
            || Wrong::coded("invalid_address", "must be an address like `https://vault.example.org:8200`");
        if text.len() > LONGEST || text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
            return Err(wrong());
        }
        let url = Url::parse(text).map_err(|_| wrong())?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(Wrong::coded(
                "scheme_not_allowed",
                "must begin with `https://` (or `http://` within a private network)",
            ));
        }
        if !url.username().is_empty() || url.password().is_some() || text.contains('@') {
            let rule = "must hold no user or password: credentials have fields of their own";
            return Err(Wrong::coded("credentials_in_address", rule));
        }
        if url.host_str().is_none_or(str::is_empty) || url.query().is_some() || url.fragment().is_some() {
            return Err(wrong());
        }
        Ok(Self(url))
    }

    /// The address as a URL.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.0
    }

    /// The address as it is stored and shown, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// Refuses what is known to be private before any name is looked up.
    ///
    /// # Errors
    /// `address_not_allowed`.
    pub fn allowed(&self, outbound: &Outbound) -> Result<(), Wrong> {
        outbound.check_host(self.0.host_str().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_and_nothing_that_hides_another() {
        for (text, kept) in [
            ("https://vault.example.org:8200/", "https://vault.example.org:8200"),
            ("http://10.0.0.7:8200/base/", "http://10.0.0.7:8200/base"),
            ("https://[2001:db8::1]:8200", "https://[2001:db8::1]:8200"),
        ] {
            assert_eq!(StoreAddress::parse(text).unwrap().as_str(), kept);
        }
        for (text, code) in [
            ("", "invalid_address"),
            ("vault.example.org", "invalid_address"),
            ("https://", "invalid_address"),
            ("https://a b", "invalid_address"),
            ("https://a\r\nx-evil: 1", "invalid_address"),
            ("https://a\\@b", "invalid_address"),
            ("https://a/?token=x", "invalid_address"),
            ("https://a/#x", "invalid_address"),
            ("ftp://a", "scheme_not_allowed"),
            ("file:///etc/passwd", "scheme_not_allowed"),
            ("unix:/var/run/docker.sock", "scheme_not_allowed"),
            ("https://user:word@a", "credentials_in_address"),
            ("https://user@a", "credentials_in_address"),
            ("https://@a", "credentials_in_address"),
        ] {
            assert_eq!(StoreAddress::parse(text).unwrap_err().code, code, "{text:?}");
        }
        assert!(StoreAddress::parse(&format!("https://{}", "a".repeat(500))).is_err());
    }

    #[test]
    fn a_private_literal_needs_leave() {
        let address = StoreAddress::parse("http://127.0.0.1:8200").unwrap();
        assert_eq!(address.allowed(&Outbound::default()).unwrap_err().code, "address_not_allowed");
        address.allowed(&Outbound::parse("127.0.0.0/8").unwrap()).unwrap();
    }
}
