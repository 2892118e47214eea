//! The domain that somebody registered: what limits of CAs count by. `shop.example.co.uk` lies in
//! `example.co.uk`, by the public suffix list, which is part of the program.

use crate::domain::host_pattern::HostPattern;

/// The registered domain of a host; the host itself if it is a public suffix.
#[must_use]
pub fn registered(host: &HostPattern) -> &str {
    psl::domain_str(host.base()).unwrap_or_else(|| host.base())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_that_was_registered() {
        for (host, domain) in [
            ("example.org", "example.org"),
            ("a.b.example.org", "example.org"),
            ("www.shop.co.uk", "shop.co.uk"),
            ("me.github.io", "me.github.io"),
            ("co.uk", "co.uk"),
            ("a.example.nowhere", "example.nowhere"),
        ] {
            assert_eq!(registered(&HostPattern::parse(host).unwrap()), domain);
        }
    }
}
