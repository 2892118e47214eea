//! Keepalived: one address for two balancers, at the one that works (VRRP version 3, RFC 5798; unicast, as
//! clouds know no multicast). Version 2.2.
//!
//! A balancer that is gone is missed after three advertisements of a second; one whose HAProxy does not
//! answer gives the address up after two checks. It does not go back by itself.

use std::{fmt::Write as _, net::IpAddr};

use super::haproxy::ALIVE;

/// Two or more balancers that share an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The shared address, with the bits of its network.
    vip: (IpAddr, u8),
    /// The network interface on which it is, at each of them.
    interface: String,
    /// Their own addresses; the first has it first.
    balancers: Vec<IpAddr>,
    /// Tells this pair from others in one network: 1 to 255.
    router: u8,
}

impl Pair {
    /// Checks the parts.
    ///
    /// # Errors
    /// The field and its rule.
    pub fn new(vip: &str, interface: &str, balancers: &[String], router: u8) -> Result<Self, String> {
        let rule = "--vip must be an address with its network's bits: `10.0.0.100/24`";
        let (address, bits) = vip.split_once('/').ok_or(rule)?;
        let address: IpAddr = address.parse().map_err(|_| rule)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.parse().ok().filter(|bits| (1..=most).contains(bits)).ok_or(rule)?;
        let fit = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        if interface.is_empty() || interface.len() > 15 || !interface.bytes().all(fit) {
            return Err("--interface must be the name of a network interface: `eth0`".to_owned());
        }
        let own: Result<Vec<IpAddr>, _> = balancers.iter().map(|text| text.parse()).collect();
        let mut own = own.map_err(|_| "--balancer must be an address of a balancer: `10.0.0.5`")?;
        let count = own.len();
        own.sort_by_key(|address| balancers.iter().position(|text| *text == address.to_string()));
        own.dedup();
        if own.len() != count || count < 2 || own.contains(&address) {
            return Err("--balancer must be given for each of two or more balancers, each once, and never with the shared address".to_owned());
        }
        if own.iter().any(|own| own.is_ipv4() != address.is_ipv4()) {
            return Err("--vip and --balancer must be all IPv4 or all IPv6".to_owned());
        }
        if router == 0 {
            return Err("--router must be a number from 1 to 255".to_owned());
        }
        Ok(Self { vip: (address, bits), interface: interface.to_owned(), balancers: own, router })
    }
}

/// The configuration of the balancer that has the address `this`; none if it is none of them.
#[must_use]
pub fn keepalived(pair: &Pair, this: IpAddr) -> Option<String> {
    let at = pair.balancers.iter().position(|address| *address == this)?;
    let priority = 200_usize.saturating_sub(at * 10).max(1);
    let Pair { vip: (vip, bits), interface, router, balancers } = pair;
    let mut text = format!(
        "# Skep: the address of the balancers, for the one at {this}. Made by `skep ha keepalived`.
global_defs {{
    vrrp_version 3
    enable_script_security
    script_user nobody
}}

vrrp_script balancer {{
    script \"/usr/bin/curl -sf -m 1 -o /dev/null http://{ALIVE}/alive\"
    interval 1
    timeout 2
    fall 2
    rise 2
}}

vrrp_instance skep {{
    state BACKUP
    nopreempt
    interface {interface}
    virtual_router_id {router}
    priority {priority}
    advert_int 1
    unicast_src_ip {this}
    unicast_peer {{
"
    );
    for peer in balancers.iter().filter(|address| **address != this) {
        let _ = writeln!(text, "        {peer}");
    }
    let _ = write!(
        text,
        "    }}
    virtual_ipaddress {{
        {vip}/{bits}
    }}
    track_script {{
        balancer
    }}
}}
"
    );
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_checked() {
        let pair = |vip: &str, interface: &str, balancers: &[&str], router| {
            let balancers: Vec<String> = balancers.iter().map(|text| (*text).to_owned()).collect();
            Pair::new(vip, interface, &balancers, router)
        };
        let both = ["10.0.0.6", "10.0.0.5"];
        let fit = pair("10.0.0.100/24", "eth0", &both, 51).unwrap();
        assert_eq!(fit.balancers[0].to_string(), "10.0.0.6", "the first stays the first");
        for wrong in [
            pair("10.0.0.100", "eth0", &both, 51),
            pair("10.0.0.100/33", "eth0", &both, 51),
            pair("10.0.0.100/24", "eth0 }", &both, 51),
            pair("10.0.0.100/24", "eth0", &["10.0.0.5"], 51),
            pair("10.0.0.100/24", "eth0", &["10.0.0.5", "10.0.0.5"], 51),
            pair("10.0.0.5/24", "eth0", &both, 51),
            pair("fd00::1/64", "eth0", &both, 51),
            pair("10.0.0.100/24", "eth0", &both, 0),
        ] {
            assert!(wrong.is_err(), "{wrong:?}");
        }
        assert!(keepalived(&fit, "10.0.0.7".parse().unwrap()).is_none());
        let second = keepalived(&fit, "10.0.0.5".parse().unwrap()).unwrap();
        assert!(second.contains("priority 190") && second.contains("        10.0.0.6\n"), "{second}");
    }
}
