//! Which delivery network stands between a name and us: known by its published addresses, or by what
//! it writes into its answers, so that people are told what to switch where.
//!
//! To add one: its ranges in [`RANGES`], or a header in [`MARKS`].

use std::net::IpAddr;

use reqwest::header::HeaderMap;

use crate::domain::outbound::Cidr;

/// Published ranges: Cloudflare's list at `cloudflare.com/ips`.
const RANGES: &[(&str, &[&str])] = &[(
    "Cloudflare",
    &[
        "173.245.48.0/20",
        "103.21.244.0/22",
        "103.22.200.0/22",
        "103.31.4.0/22",
        "141.101.64.0/18",
        "108.162.192.0/18",
        "190.93.240.0/20",
        "188.114.96.0/20",
        "197.234.240.0/22",
        "198.41.128.0/17",
        "162.158.0.0/15",
        "104.16.0.0/13",
        "104.24.0.0/14",
        "172.64.0.0/13",
        "131.0.72.0/22",
        "2400:cb00::/32",
        "2606:4700::/32",
        "2803:f800::/32",
        "2405:b500::/32",
        "2405:8100::/32",
        "2a06:98c0::/29",
        "2c0f:f248::/32",
    ],
)];

/// Headers by which an answer shows who gave it, with what their value begins with.
const MARKS: &[(&str, &str, &str)] = &[
    ("cf-ray", "", "Cloudflare"),
    ("server", "cloudflare", "Cloudflare"),
    ("x-amz-cf-id", "", "Amazon CloudFront"),
    ("x-fastly-request-id", "", "Fastly"),
    ("x-served-by", "cache-", "Fastly"),
    ("server", "akamai", "Akamai"),
    ("server", "bunnycdn", "bunny.net"),
    ("x-azure-ref", "", "Azure Front Door"),
    ("x-vercel-id", "", "Vercel"),
    ("x-nf-request-id", "", "Netlify"),
    ("x-sucuri-id", "", "Sucuri"),
];

/// The network that has an address.
#[must_use]
pub fn at(address: IpAddr) -> Option<&'static str> {
    let within = |range: &&str| Cidr::parse(range).is_ok_and(|range| range.contains(address));
    RANGES.iter().find(|(_, ranges)| ranges.iter().any(&within)).map(|(name, _)| *name)
}

/// The network that gave an answer.
#[must_use]
pub fn behind(headers: &HeaderMap) -> Option<&'static str> {
    let shows = |name: &str, begins: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.is_some_and(|value| value.to_ascii_lowercase().starts_with(begins))
    };
    MARKS.iter().find(|(name, begins, _)| shows(name, begins)).map(|(_, _, network)| *network)
}

/// What to switch there.
#[must_use]
pub fn switch(network: &str) -> String {
    match network {
        "Cloudflare" => "in Cloudflare, set the record to \"DNS only\" (the grey cloud) until the certificate is there, or turn \"Always Use HTTPS\" off and let the path /.well-known/acme-challenge/ pass".to_owned(),
        _ => format!(
            "{network} stands between the name and this instance: let it pass plain http for the path /.well-known/acme-challenge/ uncached and without a redirect, with this instance as its origin"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_by_address_and_by_answer() {
        for address in ["104.16.1.1", "172.67.0.9", "2606:4700::1111"] {
            assert_eq!(at(address.parse().unwrap()), Some("Cloudflare"), "{address}");
        }
        assert_eq!(at("8.8.4.4".parse().unwrap()), None);
        for (name, ranges) in RANGES {
            assert!(ranges.iter().all(|range| Cidr::parse(range).is_ok()), "{name}");
        }
        let said = |name: &'static str, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            behind(&headers)
        };
        assert_eq!(said("server", "cloudflare"), Some("Cloudflare"));
        assert_eq!(said("x-amz-cf-id", "abc"), Some("Amazon CloudFront"));
        assert_eq!(said("server", "BunnyCDN-DE1"), Some("bunny.net"));
        assert_eq!(said("server", "nginx"), None);
        assert!(switch("Cloudflare").contains("DNS only") && switch("Akamai").contains("Akamai"));
    }
}
