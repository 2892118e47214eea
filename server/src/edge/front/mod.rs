//! What may stand in front of the edges: configuration for it, generated from what Skep knows (R24, R25,
//! R82). Pure functions from checked values to text; the command line shows it (`skep ha`, `skep proxy`).
//!
//! To add a program: a file with its text, a verb in `cli/client/front.rs`, and a test with the program
//! itself in `tests/tests/front/`.

mod caddy;
mod haproxy;
mod keepalived;
mod nginx;

use std::net::{IpAddr, SocketAddr};

pub use caddy::caddy;
pub use haproxy::haproxy;
pub use keepalived::{Pair, keepalived};
pub use nginx::{Tls, nginx};

use crate::domain::domain_name::Hostname;

/// An edge as a balancer reaches it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backend {
    /// Its node's name.
    name: String,
    /// Its node's address.
    address: IpAddr,
}

impl Backend {
    /// Checks the name: it becomes part of a configuration.
    ///
    /// # Errors
    /// The rule that was broken.
    pub fn new(name: &str, address: &str) -> Result<Self, String> {
        let fit = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        if name.is_empty() || name.len() > 64 || !name.bytes().all(fit) {
            return Err(format!("`{name}` must be letters, digits, `-`, `_` and `.`, 64 at most"));
        }
        let address = address.parse().map_err(|_| format!("`{address}` must be an address: `10.0.0.11`"))?;
        Ok(Self { name: name.to_owned(), address })
    }

    fn at(&self, port: u16) -> SocketAddr {
        SocketAddr::new(self.address, port)
    }
}

/// A host name of a proxy: `*.apps.example.org` for all below it.
///
/// # Errors
/// The rule that was broken.
pub fn host(text: &str) -> Result<String, String> {
    let bare = text.strip_prefix("*.").unwrap_or(text);
    Hostname::parse(bare).map(|_| text.to_owned()).map_err(|wrong| format!("`{text}` {}", wrong.message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_names_and_addresses_gets_into_a_configuration() {
        for name in ["", "a b", "a\n    server b 10.0.0.1:80", "a#", "{a}", "a;", &"a".repeat(65)] {
            assert!(Backend::new(name, "10.0.0.1").is_err(), "{name:?}");
        }
        assert!(Backend::new("hive-1", "10.0.0.1 weight 100").is_err());
        for name in ["shop.example.org;", "*", "*.*.example.org", "a.example.org b.example.org", "{$HOME}"] {
            assert!(host(name).is_err(), "{name:?}");
        }
        assert_eq!(host("*.apps.example.org").as_deref(), Ok("*.apps.example.org"));
    }
}
