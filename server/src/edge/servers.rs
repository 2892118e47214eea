//! Which addresses a route may lead to.

use std::net::{IpAddr, SocketAddr};

use url::Url;

/// Why an address is no task of ours, or nothing if it may be one. Task addresses come from the
/// engine; loopback, link-local (where clouds keep their metadata) and group addresses never do.
pub(super) fn unfit(server: &SocketAddr, loopback: bool) -> Option<String> {
    let ip = server.ip().to_canonical();
    let link_local = match ip {
        IpAddr::V4(ip) => ip.is_link_local() || ip.is_broadcast(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    };
    let bad = server.port() == 0
        || ip.is_unspecified()
        || ip.is_multicast()
        || link_local
        || (ip.is_loopback() && !loopback);
    bad.then(|| format!("{server} cannot be the address of a task"))
}

/// Whether this can be Skep's own address: plain http, a host, nothing after it.
pub(super) fn own(url: &Url) -> bool {
    url.scheme() == "http"
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_a_task_can_have() {
        for bad in [
            "127.0.0.1:80",
            "0.0.0.0:80",
            "169.254.169.254:80",
            "224.0.0.1:80",
            "10.0.0.1:0",
            "[::1]:80",
            "[fe80::1]:80",
            "[::ffff:127.0.0.1]:80",
            "[::]:80",
            "[ff02::1]:80",
        ] {
            assert!(unfit(&bad.parse().unwrap(), false).is_some(), "{bad}");
        }
        for good in ["10.0.3.7:8080", "[fd00::7]:80", "192.168.1.4:1"] {
            assert_eq!(unfit(&good.parse().unwrap(), false), None, "{good}");
        }
        assert_eq!(unfit(&"127.0.0.1:80".parse().unwrap(), true), None);
    }

    #[test]
    fn skep_is_reached_by_plain_http_at_its_top() {
        for good in ["http://skep:3000", "http://10.0.1.5:3000/"] {
            assert!(own(&Url::parse(good).unwrap()), "{good}");
        }
        for bad in ["https://skep", "http://a:b@skep", "http://skep/x", "http://skep/?a", "file:///x"] {
            assert!(!own(&Url::parse(bad).unwrap()), "{bad}");
        }
    }
}
