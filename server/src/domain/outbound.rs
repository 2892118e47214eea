//! Which addresses Skep may connect to on behalf of a user (S9): public ones, and those that the
//! owner of the instance lists (`SKEP_ALLOW_ADDRESSES`).
//!
//! A pure decision about one address. Whoever connects resolves the name, asks about every
//! address, and connects to exactly the address that was asked about.
//! To refuse one more range: a line in `REFUSED_V4` or in `public_v6`, and a line in the test.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::fault::Wrong;

/// A range of addresses: `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cidr {
    base: IpAddr,
    bits: u8,
}

impl Cidr {
    /// Checks `text`: `10.0.0.0/8`, `fd00::/8`, or one address.
    ///
    /// # Errors
    /// The rule that was broken.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let wrong = || Wrong::coded("invalid_range", "must be an address range like `10.1.0.0/16`");
        let (base, bits) = match text.split_once('/') {
            Some((base, bits)) => (base, Some(bits.parse::<u8>().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let base: IpAddr = base.parse().map_err(|_| wrong())?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        if bits > most { Err(wrong()) } else { Ok(Self { base, bits }) }
    }

    /// Whether `address` lies in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let (base, address, width) = match (self.base, address) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                (u128::from(base.to_bits()), u128::from(address.to_bits()), 32)
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => (base.to_bits(), address.to_bits(), 128),
            _ => return false,
        };
        let shift = u32::from(width - self.bits);
        self.bits == 0 || base >> shift == address >> shift
    }
}

impl std::fmt::Display for Cidr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.base, self.bits)
    }
}

/// The policy of an instance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outbound {
    allowed: Vec<Cidr>,
}

impl Outbound {
    /// Public addresses, and those in `allowed`.
    #[must_use]
    pub const fn new(allowed: Vec<Cidr>) -> Self {
        Self { allowed }
    }

    /// Reads a list of ranges, separated by commas or blanks; empty: public addresses only.
    ///
    /// # Errors
    /// The rule that was broken.
    pub fn parse(list: &str) -> Result<Self, Wrong> {
        let parts = list.split([',', ' ', '\t', '\n']).filter(|part| !part.is_empty());
        Ok(Self { allowed: parts.map(Cidr::parse).collect::<Result<_, _>>()? })
    }

    /// Whether `address` may be connected to.
    #[must_use]
    pub fn allows(&self, address: IpAddr) -> bool {
        self.allowed.iter().any(|range| range.contains(address))
            || match address {
                IpAddr::V4(address) => public_v4(address),
                IpAddr::V6(address) => public_v6(address),
            }
    }

    /// As [`Outbound::allows`], with the reason for people.
    ///
    /// # Errors
    /// `address_not_allowed`.
    pub fn check(&self, address: IpAddr) -> Result<(), Wrong> {
        if self.allows(address) { Ok(()) } else { Err(not_allowed()) }
    }

    /// Refuses a host that needs no resolver to be known as forbidden: an address literal (with
    /// or without brackets), or `localhost`. All other names pass here and are judged by their
    /// addresses when they are connected to.
    ///
    /// # Errors
    /// `address_not_allowed`.
    pub fn check_host(&self, host: &str) -> Result<(), Wrong> {
        let bare = host.trim_matches(['[', ']']);
        if let Ok(address) = bare.parse::<IpAddr>() {
            return self.check(address);
        }
        let name = bare.trim_end_matches('.').to_ascii_lowercase();
        if name == "localhost" || name.ends_with(".localhost") {
            return self.check(IpAddr::V4(Ipv4Addr::LOCALHOST));
        }
        Ok(())
    }
}

/// The fault for a host with such an address; it does not tell the address, which may be news
/// to the asker.
#[must_use]
pub fn not_allowed() -> Wrong {
    Wrong::coded(
        "address_not_allowed",
        "must lead to a public address; the owner of this instance can allow private ranges (SKEP_ALLOW_ADDRESSES)",
    )
}

/// IANA's special-purpose registry, and addresses where clouds answer questions about the machine.
const REFUSED_V4: [([u8; 4], u8); 18] = [
    ([0, 0, 0, 0], 8),        // this network, unspecified
    ([10, 0, 0, 0], 8),       // private
    ([100, 64, 0, 0], 10),    // carrier-grade NAT
    ([127, 0, 0, 0], 8),      // loopback
    ([168, 63, 129, 16], 32), // a cloud's metadata
    ([169, 254, 0, 0], 16),   // link-local, metadata
    ([172, 16, 0, 0], 12),    // private
    ([192, 0, 0, 0], 24),     // protocol assignments, a cloud's metadata
    ([192, 0, 2, 0], 24),     // documentation
    ([192, 31, 196, 0], 24),  // AS112
    ([192, 52, 193, 0], 24),  // AMT
    ([192, 88, 99, 0], 24),   // 6to4 relays
    ([192, 168, 0, 0], 16),   // private
    ([192, 175, 48, 0], 24),  // AS112
    ([198, 18, 0, 0], 15),    // benchmarks
    ([198, 51, 100, 0], 24),  // documentation
    ([203, 0, 113, 0], 24),   // documentation
    ([224, 0, 0, 0], 3),      // multicast, reserved, broadcast
];

fn public_v4(address: Ipv4Addr) -> bool {
    !REFUSED_V4.iter().any(|(base, bits)| {
        Cidr { base: IpAddr::V4(Ipv4Addr::from(*base)), bits: *bits }.contains(IpAddr::V4(address))
    })
}

/// Only global unicast (2000::/3) is public, without the parts of it that wrap an IPv4 address or
/// are reserved. Loopback, mapped, unique-local, link-local and multicast lie outside.
fn public_v6(address: Ipv6Addr) -> bool {
    let part = address.segments();
    if part[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        // NAT64 (RFC 6052): how a machine without IPv4 reaches IPv4.
        let [a, b] = part[6].to_be_bytes();
        let [c, d] = part[7].to_be_bytes();
        return public_v4(Ipv4Addr::new(a, b, c, d));
    }
    let global = part[0] & 0xe000 == 0x2000;
    let protocols = part[0] == 0x2001 && part[1] < 0x0200; // Teredo, ORCHID...
    let documentation = part[0] == 0x2001 && part[1] == 0x0db8 || part[0] == 0x3fff && part[1] < 0x1000;
    let six_to_four = part[0] == 0x2002;
    global && !protocols && !documentation && !six_to_four
}

/// The ranges of `list`, which were checked when the settings were read.
#[must_use]
pub fn ranges(list: &[String]) -> Vec<Cidr> {
    list.iter().filter_map(|range| Cidr::parse(range).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn case_041_addresses_that_are_not_public_are_refused() {
        let policy = Outbound::default();
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.8.8.8",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::7f00:1",
            "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!policy.allows(ip(text)), "{text}");
            assert_eq!(policy.check(ip(text)).unwrap_err().code, "address_not_allowed");
        }
    }

    #[test]
    fn public_addresses_are_allowed() {
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "140.82.112.3",
            "223.255.255.1",
            "2606:4700::1111",
            "2a00:1450::1",
            "64:ff9b::808:808",
        ] {
            assert!(Outbound::default().allows(ip(text)), "{text}");
        }
    }

    #[test]
    fn the_owner_allows_ranges() {
        let policy = Outbound::parse("127.0.0.0/8, 10.1.0.0/16 fd00::/8").unwrap();
        for text in ["127.0.0.1", "10.1.255.1", "fd12::1"] {
            assert!(policy.allows(ip(text)), "{text}");
        }
        for text in ["10.2.0.1", "::1", "fe80::1", "192.168.0.1"] {
            assert!(!policy.allows(ip(text)), "{text}");
        }
        assert!(Outbound::parse("0.0.0.0/0").unwrap().allows(ip("10.0.0.1")));
        for wrong in ["10.0.0.0/33", "10.0.0/8", "::/129", "all", "10.0.0.0/-1", "1.2.3.4/"] {
            assert_eq!(Outbound::parse(wrong).unwrap_err().code, "invalid_range", "{wrong}");
        }
    }

    #[test]
    fn case_041_literal_hosts_are_refused_without_a_resolver() {
        let policy = Outbound::default();
        for host in ["127.0.0.1", "[::1]", "localhost", "LOCALHOST.", "a.localhost", "169.254.169.254"] {
            assert!(policy.check_host(host).is_err(), "{host}");
        }
        policy.check_host("git.example.org").unwrap();
        Outbound::parse("127.0.0.0/8").unwrap().check_host("localhost").unwrap();
    }
}
