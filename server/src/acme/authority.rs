//! The instance's own authority, for names that the world does not know. It can speak for no others: its
//! certificate says so itself (name constraints, RFC 5280, 4.2.1.10), to whoever trusts it.

use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, GeneralSubtree,
    IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
};

use super::Issued;
use crate::domain::{clock::Time, domain_name::PRIVATE, host_pattern::HostPattern, secret::Secret};

/// How long the authority itself lasts: ten years.
const LIFETIME: chrono::Duration = chrono::Duration::days(3650);
/// How long what it signs lasts.
const LEAF: chrono::Duration = chrono::Duration::days(30);
/// Others' clocks may be behind.
const SLACK: chrono::Duration = chrono::Duration::hours(1);

/// An authority: its certificate (PEM) and its key (PEM).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// What people install to trust it.
    pub certificate: String,
    /// Never leaves the server.
    pub key: Secret,
}

/// Makes an authority.
///
/// # Errors
/// The cryptography's.
pub fn make(now: Time) -> Result<Authority, rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut params = own();
    let (from, until) = (now - SLACK, now + LIFETIME);
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    (params.not_before, params.not_after) = (epoch + since(from), epoch + since(until));
    let certificate = params.self_signed(&key)?.pem();
    Ok(Authority { certificate, key: Secret::new(key.serialize_pem()) })
}

/// What the authority says of itself, but for its times.
fn own() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "Skep internal authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let permitted = PRIVATE.map(|ending| GeneralSubtree::DnsName(ending.to_owned()));
    params.name_constraints =
        Some(NameConstraints { permitted_subtrees: permitted.to_vec(), excluded_subtrees: Vec::new() });
    params
}

impl Authority {
    /// Signs a certificate for a private host.
    ///
    /// # Errors
    /// The host is public; the authority's key cannot be read.
    pub fn issue(&self, host: &HostPattern, now: Time) -> Result<Issued, String> {
        if !host.is_private() {
            return Err("the internal authority speaks for private names alone".to_owned());
        }
        self.sign(host, now).map_err(|error| error.to_string())
    }

    fn sign(&self, host: &HostPattern, now: Time) -> Result<Issued, rcgen::Error> {
        let issuer = Issuer::new(own(), KeyPair::from_pem(self.key.expose())?);
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(vec![host.as_str().to_owned()])?;
        params.distinguished_name = DistinguishedName::new();
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let (not_before, not_after) = (whole(now - SLACK), whole(now + LEAF));
        let epoch = rcgen::date_time_ymd(1970, 1, 1);
        (params.not_before, params.not_after) = (epoch + since(not_before), epoch + since(not_after));
        let chain = params.signed_by(&key, &issuer)?.pem();
        Ok(Issued { chain, key: Secret::new(key.serialize_pem()), not_before, not_after })
    }
}

/// Certificates count in seconds.
fn whole(at: Time) -> Time {
    Time::from_timestamp(at.timestamp(), 0).unwrap_or(at)
}

/// A moment as rcgen has it is this long after the begin of 1970.
fn since(at: Time) -> Duration {
    Duration::from_secs(at.timestamp().unsigned_abs())
}

#[cfg(test)]
mod tests {
    use x509_parser::prelude::*;

    use super::*;
    use crate::{acme::certificate, domain::clock::Clock as _, domain::clock::SystemClock};

    #[test]
    fn it_speaks_for_private_names_alone() {
        let now = SystemClock.now();
        let authority = make(now).unwrap();
        assert!(!format!("{authority:?}").contains("PRIVATE KEY"));
        for name in ["db.internal", "*.shop.internal", "printer.local"] {
            let host = HostPattern::private(name).unwrap();
            let issued = authority.issue(&host, now).unwrap();
            let facts = certificate::check(&issued.chain, &issued.key, &[host], now).unwrap();
            assert_eq!(facts.not_after, issued.not_after);
            assert_eq!((issued.not_after - now).num_days(), 29, "thirty days, less a part of a second");
            let (leaf, root) = (der(&issued.chain), der(&authority.certificate));
            let (_, leaf) = parse_x509_certificate(&leaf).unwrap();
            let (_, root) = parse_x509_certificate(&root).unwrap();
            let key = &root.public_key().subject_public_key.data;
            let key = ring::signature::UnparsedPublicKey::new(&ring::signature::ECDSA_P256_SHA256_ASN1, key);
            key.verify(leaf.tbs_certificate.as_ref(), &leaf.signature_value.data).unwrap();
            assert_eq!(leaf.issuer(), root.subject());
            let constraints = root.name_constraints().unwrap().unwrap();
            assert!(constraints.critical);
            let permitted = constraints.value.permitted_subtrees.as_ref().unwrap();
            let permitted: Vec<String> = permitted.iter().map(|tree| tree.base.to_string()).collect();
            assert!(permitted.iter().any(|tree| tree.contains("internal")), "{permitted:?}");
        }
        let public = HostPattern::parse("shop.example.org").unwrap();
        assert!(authority.issue(&public, now).is_err());
    }

    fn der(pem: &str) -> Vec<u8> {
        let (_, pem) = x509_parser::pem::parse_x509_pem(pem.as_bytes()).unwrap();
        pem.contents
    }
}
