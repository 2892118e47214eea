//! The key of a host. RSA is not among them: what makes keys here (`ring`) makes none of that kind.
//!
//! To add a kind: a variant, its name, its line in [`KeyType::pair`].

use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384};
use serde::{Deserialize, Serialize};

/// A kind of key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub enum KeyType {
    /// ECDSA on P-256: what every client knows.
    #[default]
    #[serde(rename = "ecdsa-p256")]
    P256,
    /// ECDSA on P-384.
    #[serde(rename = "ecdsa-p384")]
    P384,
}

impl KeyType {
    /// The name in tables, API and forms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::P256 => "ecdsa-p256",
            Self::P384 => "ecdsa-p384",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::P256, Self::P384].into_iter().find(|key| key.name() == name)
    }

    /// A new pair.
    ///
    /// # Errors
    /// There is no randomness.
    pub(super) fn pair(self) -> Result<KeyPair, rcgen::Error> {
        KeyPair::generate_for(match self {
            Self::P256 => &PKCS_ECDSA_P256_SHA256,
            Self::P384 => &PKCS_ECDSA_P384_SHA384,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_for_kinds_that_can_be_made() {
        for key in [KeyType::P256, KeyType::P384] {
            assert_eq!(KeyType::named(key.name()), Some(key));
            assert_eq!(serde_json::to_value(key).unwrap(), key.name());
            assert!(key.pair().unwrap().serialize_pem().contains("PRIVATE KEY"));
        }
        assert_eq!(KeyType::named("rsa-2048"), None);
    }
}
