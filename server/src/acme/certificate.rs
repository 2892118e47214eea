//! What a certificate says, and whether it is one for these hosts and this key.

use chrono::{DateTime, Duration};
use rustls_pki_types::{CertificateDer, pem::PemObject as _, pem::SectionKind};
use x509_parser::{extensions::GeneralName, prelude::*};

use crate::domain::{
    clock::Time,
    fault::{Fault, Wrong},
    host_pattern::HostPattern,
    secret::Secret,
};

/// Longest chain or key that is looked at: bytes.
const LARGEST: usize = 64 * 1024;
/// Shortest RSA key that somebody may bring along, in bits (CA/Browser Forum, 6.1.5).
const WEAKEST: usize = 2048;

/// What the leaf says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Its DNS names, lower case.
    pub names: Vec<String>,
    /// Who signed it, for people.
    pub issuer: String,
    /// Valid from.
    pub not_before: Time,
    /// Valid until.
    pub not_after: Time,
}

/// A certificate that somebody brings along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// What the leaf says.
    pub facts: Facts,
    /// Its names, checked.
    pub names: Vec<HostPattern>,
    /// What is odd, for people.
    pub warnings: Vec<String>,
}

/// Reads the leaf of a PEM chain.
///
/// # Errors
/// It is no chain of certificates, or too long.
pub fn read(chain: &str) -> Result<Facts, Wrong> {
    let wrong = || {
        Wrong::coded(
            "invalid_certificate",
            "must be a chain of X.509 certificates in PEM, the host's own first, at most 64 KiB",
        )
    };
    let leaf = leaf(chain).ok_or_else(wrong)?;
    let (_, leaf) = parse_x509_certificate(&leaf).map_err(|_| wrong())?;
    let names = match leaf.subject_alternative_name() {
        Ok(Some(extension)) => extension.value.general_names.iter().filter_map(dns_name).collect(),
        _ => Vec::new(),
    };
    let time = |at: ASN1Time| DateTime::from_timestamp(at.timestamp(), 0).ok_or_else(wrong);
    Ok(Facts {
        names,
        issuer: leaf.issuer().to_string(),
        not_before: time(leaf.validity().not_before)?,
        not_after: time(leaf.validity().not_after)?,
    })
}

/// Whether `chain` and `key` belong together, are valid now, and speak for all of `hosts` and for
/// nobody else. For certificates that come from anywhere: a CA, an upload, a restore.
///
/// # Errors
/// The rule that was broken; never holds the key.
pub fn check<H>(chain: &str, key: &Secret, hosts: &[H], now: Time) -> Result<Facts, Wrong>
where
    H: AsRef<str> + std::fmt::Display,
{
    let facts = read(chain)?;
    let named = |host: &H| facts.names.iter().any(|name| name == host.as_ref());
    if let Some(missing) = hosts.iter().find(|host| !named(host)) {
        return Err(Wrong::coded("wrong_host", format!("must be for {missing}, which it does not name")));
    }
    if facts.names.iter().any(|name| hosts.iter().all(|host| host.as_ref() != name)) {
        return Err(Wrong::coded("wrong_host", "must name no other hosts than its own"));
    }
    if facts.not_after <= now {
        return Err(Wrong::coded("expired", "must not have expired"));
    }
    // Our clock may be an hour behind: a certificate of this second must not be thrown away and
    // ordered again.
    if facts.not_before > now + Duration::hours(24) {
        return Err(Wrong::coded("not_yet_valid", "must be valid already"));
    }
    if !fits(chain, key) {
        return Err(Wrong::coded("wrong_key", "must come with its own private key, one, in PEM (PKCS#8)"));
    }
    Ok(facts)
}

/// Checks a certificate that somebody brings along (case 97), for whatever hosts it names.
///
/// # Errors
/// Every rule that was broken, at `chain` and `key`; never holds the key.
pub fn brought(chain: &str, key: &Secret, now: Time) -> Result<Brought, Vec<Fault>> {
    let facts = read(chain).map_err(|wrong| vec![wrong.at("chain")])?;
    let mut faults = Vec::new();
    let mut wrong = |field: &str, code, rule: &str| faults.push(Wrong::coded(code, rule).at(field));
    if facts.not_after <= now {
        wrong("chain", "expired", "must not have expired: upload a renewed one");
    }
    // Our clock may be behind.
    if facts.not_before > now + Duration::hours(1) {
        wrong("chain", "not_yet_valid", "must be valid already: upload it when its time has begun");
    }
    let all: Vec<_> = CertificateDer::pem_slice_iter(chain.as_bytes()).filter_map(Result::ok).collect();
    let parsed: Option<Vec<X509Certificate<'_>>> =
        all.iter().map(|der| parse_x509_certificate(der).ok().map(|(_, parsed)| parsed)).collect();
    let Some(parsed) = parsed else {
        wrong("chain", "invalid_certificate", "must be a chain of X.509 certificates, each of them readable");
        return Err(faults);
    };
    if let Some(x509_parser::public_key::PublicKey::RSA(rsa)) =
        parsed.first().and_then(|leaf| leaf.public_key().parsed().ok())
        && rsa.key_size() < WEAKEST
    {
        wrong(
            "chain",
            "weak_key",
            "must have an RSA key of at least 2048 bits: ask for one with a longer key",
        );
    }
    let text = key.expose();
    if text.len() > LARGEST || text.matches("PRIVATE KEY-----").count() != 2 {
        wrong("key", "invalid_key", "must be one private key in PEM, at most 64 KiB, and nothing else");
    } else if !text.contains("-----BEGIN PRIVATE KEY-----") || rcgen::KeyPair::from_pem(text).is_err() {
        let rule = "must be a PKCS#8 key without a password (`openssl pkcs8 -topk8 -nodes -in key.pem`)";
        wrong("key", "invalid_key", rule);
    } else if !fits(chain, key) {
        wrong("key", "wrong_key", "must be the key of this certificate: it belongs to another one");
    }
    let names: Result<Vec<HostPattern>, Wrong> =
        facts.names.iter().map(|name| HostPattern::any(name)).collect();
    let names = match names {
        Ok(names) if !names.is_empty() => names,
        _ => {
            wrong("chain", "wrong_host", "must name its hosts, each a host name or one with `*.` before it");
            Vec::new()
        }
    };
    if faults.is_empty() { Ok(Brought { names, warnings: order(&parsed), facts }) } else { Err(faults) }
}

/// What is odd with a chain that browsers may still find their way through.
fn order(chain: &[X509Certificate<'_>]) -> Vec<String> {
    let mut warnings = Vec::new();
    let follows = |pair: &[X509Certificate<'_>]| pair[0].issuer() == pair[1].subject();
    if !chain.windows(2).all(follows) {
        warnings.push(
            "the chain is out of order: each certificate should be followed by the one that signed it"
                .to_owned(),
        );
    }
    let own = |one: &X509Certificate<'_>| one.issuer() == one.subject();
    match chain {
        [leaf] if own(leaf) => warnings.push("it is signed by itself: no browser trusts it".to_owned()),
        [_] => warnings.push(
            "the chain is incomplete: add the certificates of the authorities between it and the root"
                .to_owned(),
        ),
        _ => {}
    }
    warnings
}

/// Whether the key is one key, and the one of the leaf.
fn fits(chain: &str, key: &Secret) -> bool {
    let text = key.expose();
    let one = text.len() <= LARGEST && text.matches("PRIVATE KEY-----").count() == 2;
    let Some(leaf) = leaf(chain).filter(|_| one) else { return false };
    let Ok((_, leaf)) = parse_x509_certificate(&leaf) else { return false };
    rcgen::KeyPair::from_pem(text).is_ok_and(|pair| {
        use rcgen::PublicKeyData as _;
        pair.subject_public_key_info() == leaf.public_key().raw
    })
}

/// The first certificate of a chain in which everything is one.
pub(super) fn leaf(chain: &str) -> Option<CertificateDer<'static>> {
    if chain.len() > LARGEST {
        return None;
    }
    let all: Result<Vec<(SectionKind, Vec<u8>)>, _> =
        <(SectionKind, Vec<u8>)>::pem_slice_iter(chain.as_bytes()).collect();
    let all = all.ok()?;
    let pure = all.iter().all(|(kind, _)| *kind == SectionKind::Certificate);
    all.into_iter().next().filter(|_| pure).map(|(_, der)| der.into())
}

fn dns_name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    fn now() -> Time {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn host(name: &str) -> HostPattern {
        HostPattern::parse(name).unwrap()
    }

    fn made(names: &[&str], from: i64, until: i64) -> (String, Secret) {
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|&n| n.to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        let start = rcgen::date_time_ymd(2027, 1, 15) + std::time::Duration::from_secs(8 * 3600);
        let at = |hours: i64| {
            let span = std::time::Duration::from_secs(hours.unsigned_abs() * 3600);
            if hours < 0 { start - span } else { start + span }
        };
        (params.not_before, params.not_after) = (at(from), at(until));
        (params.self_signed(&key).unwrap().pem(), Secret::new(key.serialize_pem()))
    }

    fn code(chain: &str, key: &Secret, hosts: &[&str]) -> &'static str {
        let hosts: Vec<_> = hosts.iter().map(|h| host(h)).collect();
        check(chain, key, &hosts, now()).map_or_else(|wrong| wrong.code, |_| "fine")
    }

    #[test]
    fn a_certificate_with_its_key_for_its_host() {
        let (chain, key) = made(&["a.example.org"], -1, 24 * 90);
        let facts = check(&chain, &key, &[host("a.example.org")], now()).unwrap();
        assert_eq!(facts.names, ["a.example.org"]);
        assert_eq!(facts.not_after - facts.not_before, Duration::hours(24 * 90 + 1));
        let bundle = format!("{chain}{}", made(&["ca.example.org"], -1, 9).0);
        assert_eq!(code(&bundle, &key, &["a.example.org"]), "fine", "the rest of a chain is not the leaf");
    }

    #[test]
    fn case_097_what_is_no_certificate_for_this_host_and_key() {
        let (chain, key) = made(&["a.example.org"], -1, 24);
        let (other, other_key) = made(&["a.example.org"], -1, 24);
        assert_eq!(code(&chain, &other_key, &["a.example.org"]), "wrong_key");
        assert_eq!(code(&chain, &key, &["b.example.org"]), "wrong_host");
        let (wide, wide_key) = made(&["a.example.org", "b.example.org"], -1, 24);
        assert_eq!(code(&wide, &wide_key, &["a.example.org"]), "wrong_host");
        let (old, old_key) = made(&["a.example.org"], -24, -1);
        assert_eq!(code(&old, &old_key, &["a.example.org"]), "expired");
        let (early, early_key) = made(&["a.example.org"], 48, 72);
        assert_eq!(code(&early, &early_key, &["a.example.org"]), "not_yet_valid");
        let two = Secret::new(format!("{}{}", key.expose(), other_key.expose()));
        assert_eq!(code(&chain, &two, &["a.example.org"]), "wrong_key");
        assert_eq!(code(&chain, &Secret::new(""), &["a.example.org"]), "wrong_key");
        for bad in ["", "x", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", key.expose()] {
            assert_eq!(code(bad, &key, &["a.example.org"]), "invalid_certificate");
        }
        let mixed = format!("{chain}{}", key.expose());
        assert_eq!(
            code(&mixed, &key, &["a.example.org"]),
            "invalid_certificate",
            "a key is no part of a chain"
        );
        let huge = format!("{chain}{}", other.repeat(200));
        assert_eq!(code(&huge, &key, &["a.example.org"]), "invalid_certificate");
    }

    #[test]
    fn case_097_no_refusal_tells_the_key() {
        let (chain, _) = made(&["a.example.org"], -1, 24);
        let (_, key) = made(&["a.example.org"], -1, 24);
        let wrong = check(&chain, &key, &[host("a.example.org")], now()).unwrap_err();
        let body: String = key.expose().lines().filter(|l| !l.starts_with('-')).collect();
        assert!(!format!("{wrong:?} {wrong}").contains(&body[..20]));
    }
}
