//! Which certificates Traefik may be given.

use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use x509_parser::{extensions::GeneralName, prelude::*};

use super::input::Certificate;

/// Why this certificate must not be served, or nothing if it may be.
///
/// Not asked here: whether it is still valid (an expired one is no worse than none) and whether
/// the key fits (Traefik passes over such a pair alone; it was checked when it was stored).
pub(super) fn unfit(certificate: &Certificate) -> Option<String> {
    match names(&certificate.chain) {
        Err(why) => Some(why),
        Ok(names) => {
            let hosts = &certificate.hosts;
            let stranger = names.iter().find(|n| !hosts.iter().any(|h| h.as_str() == n.as_str()));
            if names.is_empty() {
                Some("it names no host".into())
            } else if stranger.is_some() {
                Some("it names a host that it is not for".into())
            } else if PrivateKeyDer::from_pem_slice(certificate.key.expose().as_bytes()).is_err() {
                Some("its key is no PEM".into())
            } else {
                None
            }
        }
    }
}

/// Every name by which Traefik would serve the leaf: its DNS names, and its common name if that
/// has a dot.
fn names(chain: &str) -> Result<Vec<String>, String> {
    let mut all = CertificateDer::pem_slice_iter(chain.as_bytes());
    let leaf = all.next().and_then(Result::ok).ok_or("its chain is no PEM")?;
    if all.any(|further| further.is_err()) {
        return Err("its chain is no PEM".into());
    }
    let (_, leaf) = parse_x509_certificate(&leaf).map_err(|_| "it is no X.509 certificate")?;
    let mut names = Vec::new();
    if let Ok(Some(extension)) = leaf.subject_alternative_name() {
        names.extend(extension.value.general_names.iter().filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
            _ => None,
        }));
    }
    let common = leaf.subject().iter_common_name().filter_map(|c| c.as_str().ok());
    names.extend(common.filter(|c| c.contains('.')).map(str::to_ascii_lowercase));
    Ok(names)
}
