//! What a CA says of the time to renew (ACME Renewal Information, RFC 9773).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use x509_parser::{extensions::ParsedExtension, prelude::*};

use super::certificate::leaf;
use crate::domain::clock::Time;

/// When a CA would like to renew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// From then on.
    pub start: Time,
    /// Until then.
    pub end: Time,
    /// Where it explains that: an `https` URL.
    pub explanation: Option<String>,
    /// When it wants to be asked again.
    pub retry_after: Option<Time>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    suggested_window: Span,
    #[serde(default, rename = "explanationURL")]
    explanation: Option<String>,
}

#[derive(Deserialize)]
struct Span {
    start: Time,
    end: Time,
}

/// Reads an answer; nothing if it is none (RFC 9773, 4.2: an end before the start is none).
pub(super) fn read(body: &[u8], retry_after: Option<Time>) -> Option<Window> {
    let answer: Answer = serde_json::from_slice(body).ok()?;
    let Span { start, end } = answer.suggested_window;
    // It becomes a link on a page.
    let fit = |url: &String| url.len() <= 500 && url.starts_with("https://") && url::Url::parse(url).is_ok();
    (start < end).then(|| Window { start, end, explanation: answer.explanation.filter(fit), retry_after })
}

/// How a CA knows a certificate that it gave (RFC 9773, 4.1): key identifier and serial number of the
/// leaf. Nothing for one without a key identifier.
#[must_use]
pub fn id(chain: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    let leaf = leaf(chain)?;
    let (_, leaf) = parse_x509_certificate(&leaf).ok()?;
    let key = leaf.iter_extensions().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::AuthorityKeyIdentifier(found) => {
            found.key_identifier.as_ref().map(|key| key.0.to_vec())
        }
        _ => None,
    })?;
    Some((key, leaf.tbs_certificate.raw_serial().to_vec()))
}

/// The same as text.
#[must_use]
pub fn name(chain: &str) -> Option<String> {
    let (key, serial) = id(chain)?;
    Some(format!("{}.{}", URL_SAFE_NO_PAD.encode(key), URL_SAFE_NO_PAD.encode(serial)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(start: &str, end: &str, explanation: &str) -> Option<Window> {
        let body = format!(
            r#"{{"suggestedWindow":{{"start":"{start}","end":"{end}"}},"explanationURL":"{explanation}"}}"#
        );
        read(body.as_bytes(), None)
    }

    #[test]
    fn a_window_is_a_span_with_perhaps_a_reason() {
        let window =
            answer("2026-01-02T04:00:00Z", "2026-01-03T04:00:00.5Z", "https://ca.example.org/why").unwrap();
        assert_eq!((window.end - window.start).num_hours(), 24);
        assert_eq!(window.explanation.as_deref(), Some("https://ca.example.org/why"));
        assert_eq!(
            answer("2026-01-03T04:00:00Z", "2026-01-02T04:00:00Z", ""),
            None,
            "it ends before it begins"
        );
        for bad in ["javascript:alert(1)", "http://ca.example.org", "", "https://"] {
            let window = answer("2026-01-02T04:00:00Z", "2026-01-03T04:00:00Z", bad).unwrap();
            assert_eq!(window.explanation, None, "{bad}");
        }
        for none in ["{}", "", "[]", r#"{"suggestedWindow":{"start":"x","end":"y"}}"#] {
            assert_eq!(read(none.as_bytes(), None), None, "{none}");
        }
    }

    #[test]
    fn a_certificate_is_known_by_its_authority_and_serial_number() {
        use rcgen::{
            BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyIdMethod, KeyPair, SerialNumber,
        };
        let mut root = CertificateParams::default();
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.key_identifier_method = KeyIdMethod::PreSpecified(vec![0xC0, 0xFF, 0xEE]);
        let root = CertifiedIssuer::self_signed(root, KeyPair::generate().unwrap()).unwrap();
        let mut leaf = CertificateParams::new(vec!["a.example.org".to_owned()]).unwrap();
        leaf.serial_number = Some(SerialNumber::from_slice(&[0x0A, 0xFE]));
        leaf.use_authority_key_identifier_extension = true;
        let pem = leaf.signed_by(&KeyPair::generate().unwrap(), &root).unwrap().pem();
        assert_eq!(name(&pem).as_deref(), Some("wP_u.Cv4"));
        assert_eq!(name("nonsense"), None);
    }
}
