//! Keys of other programs in the form that is kept here: PKCS#8 (RFC 5958). Others write the bare key
//! of its kind (RFC 5915, RFC 8017), which is wrapped with the name of the kind.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustls_pki_types::{PrivateKeyDer, pem::PemObject as _};

/// `1.2.840.10045.2.1` (`id-ecPublicKey`), and the two curves that we know, as DER.
const EC: &[u8] = &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22];
/// `1.2.840.113549.1.1.1` (`rsaEncryption`) with its empty parameters.
const RSA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
/// Version 0.
const VERSION: &[u8] = &[0x02, 0x01, 0x00];

const SEQUENCE: u8 = 0x30;
const OCTETS: u8 = 0x04;

/// The first key of a PEM text as PKCS#8, PEM; nothing if it is none of a known kind.
#[must_use]
pub fn of_pem(pem: &str) -> Option<String> {
    let der = match PrivateKeyDer::from_pem_slice(pem.as_bytes()).ok()? {
        PrivateKeyDer::Pkcs8(_) => return Some(pem.to_owned()),
        PrivateKeyDer::Pkcs1(key) => wrapped(RSA, key.secret_pkcs1_der()),
        PrivateKeyDer::Sec1(key) => {
            let key = key.secret_sec1_der();
            let has = |oid: &&&[u8]| key.windows(oid.len()).any(|part| part == **oid);
            let curve = [P256, P384].iter().find(has).copied()?;
            wrapped(&[EC, curve].concat(), key)
        }
        _ => return None,
    };
    let text = STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    Some(format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n")))
}

fn wrapped(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
    value(SEQUENCE, &[VERSION, &value(SEQUENCE, algorithm), &value(OCTETS, key)].concat())
}

/// A value of DER: tag, length, content.
fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let bytes = content.len().to_be_bytes();
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len() - 1);
    let mut all = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short) if short < 0x80 => all.push(short),
        _ => {
            all.push(0x80 | u8::try_from(bytes.len() - first).unwrap_or(0));
            all.extend_from_slice(&bytes[first..]);
        }
    }
    all.extend_from_slice(content);
    all
}

#[cfg(test)]
mod tests {
    use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PublicKeyData as _};

    use super::*;

    /// The bare key inside of one in PKCS#8, with the curve's name as other programs write it.
    fn bare(pair: &KeyPair, curve: &[u8]) -> String {
        let der = pair.serialize_der();
        // The key is the last octet string: SEQUENCE(version 1, key, [1] public).
        let at = der.windows(3).rposition(|part| part == [0x02, 0x01, 0x01]).unwrap();
        let (head, rest) = der[at..].split_at(3);
        let (key, public) = rest.split_at(2 + usize::from(rest[1]));
        let inner = [head, key, &value(0xa0, curve), public].concat();
        format!(
            "-----BEGIN EC PRIVATE KEY-----\n{}\n-----END EC PRIVATE KEY-----\n",
            STANDARD.encode(value(SEQUENCE, &inner))
        )
    }

    #[test]
    fn a_bare_key_is_the_same_key() {
        for (kind, curve) in [(&PKCS_ECDSA_P256_SHA256, P256), (&PKCS_ECDSA_P384_SHA384, P384)] {
            let pair = KeyPair::generate_for(kind).unwrap();
            let again = KeyPair::from_pem(&of_pem(&bare(&pair, curve)).unwrap()).unwrap();
            assert_eq!(again.subject_public_key_info(), pair.subject_public_key_info());
            assert_eq!(of_pem(&pair.serialize_pem()), Some(pair.serialize_pem()), "as it was");
        }
        assert_eq!(of_pem("nonsense"), None);
    }

    #[test]
    fn lengths_as_der_has_them() {
        assert_eq!(value(4, &[7; 3]), [4, 3, 7, 7, 7]);
        assert_eq!(value(4, &[0; 200])[..3], [4, 0x81, 200]);
        assert_eq!(value(4, &[0; 1200])[..4], [4, 0x82, 0x04, 0xb0]);
    }
}
