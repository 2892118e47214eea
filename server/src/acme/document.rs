//! What a directory says of itself (RFC 8555, 7.1.1), and the key for an account that comes from
//! elsewhere (7.3.4).

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use instant_acme::ExternalAccountKey;
use serde_json::Value;

use super::{AcmeError, External, Kind, Meta};

/// CAs show the key with and without padding.
const ANY_PADDING: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Profiles of one directory that are looked at, at most.
const PROFILES: usize = 20;

/// Reads the document.
pub(super) fn read(body: &[u8]) -> Result<Meta, AcmeError> {
    let none = || AcmeError::new(Kind::NotADirectory, "there is no ACME directory at this address");
    let document: Value = serde_json::from_slice(body).map_err(|_| none())?;
    if !document["newOrder"].is_string() {
        return Err(none());
    }
    let meta = &document["meta"];
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let names = meta["caaIdentities"].as_array().into_iter().flatten();
    let profiles = meta["profiles"].as_object().into_iter().flatten().take(PROFILES);
    Ok(Meta {
        terms: text(&meta["termsOfService"]),
        caa_identities: names.filter_map(text).collect(),
        profiles: profiles.map(|(name, about)| (name.clone(), text(about).unwrap_or_default())).collect(),
        needs_external: meta["externalAccountRequired"].as_bool().unwrap_or(false),
        renewal_info: text(&document["renewalInfo"]).filter(|at| at.starts_with("https://")),
    })
}

/// The key as the protocol takes it.
pub(super) fn external(given: &External) -> Result<ExternalAccountKey, AcmeError> {
    let wrong = || AcmeError::new(Kind::Account, "the external account key is no base64url; enter it again");
    let key = zeroize::Zeroizing::new(ANY_PADDING.decode(given.hmac.expose()).map_err(|_| wrong())?);
    Ok(ExternalAccountKey::new(given.id.clone(), &key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::secret::Secret;

    #[test]
    fn what_a_directory_says_of_itself() {
        let meta = read(
            br#"{"newOrder":"https://ca/o","renewalInfo":"https://ca/ari","meta":{"caaIdentities":["ca.example"],
            "profiles":{"classic":"as ever","shortlived":"six days"},"externalAccountRequired":true}}"#,
        )
        .unwrap();
        assert_eq!(meta.profiles.len(), 2);
        assert!(meta.needs_external && meta.renewal_info.as_deref() == Some("https://ca/ari"));
        assert_eq!(read(br#"{"newOrder":"x"}"#).unwrap(), Meta::default());
        for none in ["", "{}", "[]", "<html>"] {
            assert_eq!(read(none.as_bytes()).unwrap_err().kind, Kind::NotADirectory, "{none}");
        }
    }

    #[test]
    fn external_keys_with_and_without_padding() {
        let key = |hmac: &str| external(&External { id: "kid".into(), hmac: Secret::new(hmac) });
        for good in ["c2VjcmV0LWtleQ", "c2VjcmV0LWtleQ==", "_-8"] {
            assert!(key(good).is_ok(), "{good}");
        }
        assert_eq!(key("not base64!").err().map(|e| e.kind), Some(Kind::Account));
    }
}
