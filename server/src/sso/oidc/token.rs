//! The signed token (JWT, RFC 7519; OpenID Connect Core, 3.1.3.7): verified by a key of the provider
//! first, and only then believed (case 118).
//!
//! Only signatures by a private key are taken. `none` and those by a shared secret are no algorithms
//! here, so that nobody signs with what is public. The key says of what kind it is, never the token.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{self as sig, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm};
use serde_json::{Map, Value};

use super::super::SsoError;

/// Seconds that two clocks may be apart.
const SKEW: i64 = 60;
/// A longer token is none.
const LONGEST: usize = 64 << 10;

/// What a token must be about.
pub(super) struct Expected<'a> {
    /// By whom.
    pub(super) issuer: &'a str,
    /// For whom.
    pub(super) client: &'a str,
    /// For which sign-on.
    pub(super) nonce: &'a str,
}

/// The public keys of a provider (RFC 7517).
#[derive(Debug)]
pub(super) struct Keys(Vec<Key>);

#[derive(Debug)]
struct Key {
    id: Option<String>,
    /// The only algorithm that it is for, if it says so.
    algorithm: Option<String>,
    public: Public,
}

#[derive(Debug)]
enum Public {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    P384(Vec<u8>),
    Ed25519(Vec<u8>),
}

impl Keys {
    /// Those of a key set that are for signatures and of a kind that is taken.
    pub(super) fn read(set: &Value) -> Self {
        let keys = set.get("keys").and_then(Value::as_array);
        Self(keys.into_iter().flatten().take(100).filter_map(Key::read).collect())
    }

    /// How many.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }
}

impl Key {
    fn read(json: &Value) -> Option<Self> {
        let text = |name: &str| json.get(name).and_then(Value::as_str);
        let bytes = |name: &str| text(name).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
        if text("use").is_some_and(|what| what != "sig") {
            return None;
        }
        let point = |length: usize| {
            let (x, y) = (bytes("x")?, bytes("y")?);
            // Uncompressed (SEC 1, 2.3.3).
            (x.len() == length && y.len() == length).then(|| [&[4], x.as_slice(), &y].concat())
        };
        let public = match (text("kty")?, text("crv")) {
            ("RSA", _) => Public::Rsa { n: bytes("n")?, e: bytes("e")? },
            ("EC", Some("P-256")) => Public::P256(point(32)?),
            ("EC", Some("P-384")) => Public::P384(point(48)?),
            ("OKP", Some("Ed25519")) => Public::Ed25519(bytes("x")?),
            _ => return None,
        };
        Some(Self { id: text("kid").map(str::to_owned), algorithm: text("alg").map(str::to_owned), public })
    }

    /// Whether it may sign by this algorithm (RFC 7518, 3.1).
    fn takes(&self, algorithm: &str) -> bool {
        let kind = match &self.public {
            Public::Rsa { .. } => rsa(algorithm).is_some(),
            Public::P256(_) => algorithm == "ES256",
            Public::P384(_) => algorithm == "ES384",
            Public::Ed25519(_) => algorithm == "EdDSA",
        };
        kind && self.algorithm.as_deref().is_none_or(|only| only == algorithm)
    }

    fn signed(&self, algorithm: &str, message: &[u8], signature: &[u8]) -> bool {
        let by = |with: &'static dyn VerificationAlgorithm, key: &[u8]| {
            UnparsedPublicKey::new(with, key).verify(message, signature).is_ok()
        };
        match &self.public {
            Public::Rsa { n, e } => rsa(algorithm)
                .is_some_and(|with| RsaPublicKeyComponents { n, e }.verify(with, message, signature).is_ok()),
            Public::P256(key) => by(&sig::ECDSA_P256_SHA256_FIXED, key),
            Public::P384(key) => by(&sig::ECDSA_P384_SHA384_FIXED, key),
            Public::Ed25519(key) => by(&sig::ED25519, key),
        }
    }
}

fn rsa(algorithm: &str) -> Option<&'static sig::RsaParameters> {
    Some(match algorithm {
        "RS256" => &sig::RSA_PKCS1_2048_8192_SHA256,
        "RS384" => &sig::RSA_PKCS1_2048_8192_SHA384,
        "RS512" => &sig::RSA_PKCS1_2048_8192_SHA512,
        "PS256" => &sig::RSA_PSS_2048_8192_SHA256,
        "PS384" => &sig::RSA_PSS_2048_8192_SHA384,
        "PS512" => &sig::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}

/// What a token says, which is signed, for us, for now and for this sign-on.
///
/// # Errors
/// The one rule that it breaks.
pub(super) fn verify(
    token: &str,
    keys: &Keys,
    expected: &Expected<'_>,
    now: i64,
) -> Result<Map<String, Value>, SsoError> {
    let claims = signed(token, keys)?;
    about(&claims, expected)?;
    in_time(&claims, now)?;
    Ok(claims)
}

fn signed(token: &str, keys: &Keys) -> Result<Map<String, Value>, SsoError> {
    let broken = || SsoError::wrong("token_malformed", "the provider's token is no signed token");
    let parts: Vec<&str> = token.split('.').collect();
    let &[head, body, signature] = parts.as_slice() else { return Err(broken()) };
    if token.len() > LONGEST {
        return Err(broken());
    }
    let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| broken());
    let object = |bytes: Vec<u8>| match serde_json::from_slice(&bytes) {
        Ok(Value::Object(map)) => Ok(map),
        _ => Err(broken()),
    };
    let header = object(bytes(head)?)?;
    let said = header.get("alg").and_then(Value::as_str).unwrap_or_default();
    let known = rsa(said).is_some() || matches!(said, "ES256" | "ES384" | "EdDSA");
    if !known || header.contains_key("crit") {
        let message = "the provider's token is not signed in a way that is taken: RS, PS, ES with a key of its own, or EdDSA";
        return Err(SsoError::wrong("token_algorithm", message));
    }
    let id = match header.get("kid") {
        None => None,
        Some(Value::String(id)) => Some(id),
        Some(_) => return Err(broken()),
    };
    let mut fitting = keys.0.iter().filter(|key| key.takes(said) && (id.is_none() || key.id.as_ref() == id));
    // Without a name there must be no choice.
    let (Some(key), None) = (fitting.next(), fitting.next()) else {
        let message = "the provider's token is signed with a key that it does not show";
        return Err(SsoError::wrong("token_key", message));
    };
    let signature = bytes(signature)?;
    if !key.signed(said, &token.as_bytes()[..head.len() + 1 + body.len()], &signature) {
        return Err(SsoError::wrong("token_signature", "the signature of the provider's token is wrong"));
    }
    object(bytes(body)?)
}

fn about(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<(), SsoError> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(expected.issuer) {
        return Err(SsoError::wrong("token_issuer", "the provider's token is by another provider"));
    }
    let audience = match claims.get("aud") {
        Some(Value::String(one)) => one == expected.client,
        Some(Value::Array(all)) => {
            let ours = all.iter().any(|one| one.as_str() == Some(expected.client));
            ours && (all.len() == 1 || text("azp") == Some(expected.client))
        }
        _ => false,
    };
    let party = claims.get("azp").is_none_or(|party| party.as_str() == Some(expected.client));
    if !audience || !party {
        return Err(SsoError::wrong("token_audience", "the provider's token is for somebody else than us"));
    }
    if text("nonce") != Some(expected.nonce) {
        return Err(SsoError::wrong("token_nonce", "the provider's token is of another sign-in; begin anew"));
    }
    if !text("sub").is_some_and(|subject| (1..=255).contains(&subject.len())) {
        return Err(SsoError::wrong("token_subject", "the provider's token does not say who it is about"));
    }
    Ok(())
}

fn in_time(claims: &Map<String, Value>, now: i64) -> Result<(), SsoError> {
    // A number, and nothing that looks like one.
    let at = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(value) => value.as_i64().or_else(|| whole(value.as_f64()?)).map(Some).ok_or(()),
    };
    let (Ok(Some(ends)), Ok(Some(made)), Ok(begins)) = (at("exp"), at("iat"), at("nbf")) else {
        return Err(SsoError::wrong(
            "token_time",
            "the provider's token does not say when it was made and ends",
        ));
    };
    if ends.saturating_add(SKEW) <= now {
        return Err(SsoError::wrong(
            "token_expired",
            "the provider's token has ended; begin anew, or compare the clocks",
        ));
    }
    if made.saturating_sub(SKEW) > now || begins.is_some_and(|begins| begins.saturating_sub(SKEW) > now) {
        return Err(SsoError::wrong(
            "token_early",
            "the provider's token does not count yet: compare the clocks",
        ));
    }
    Ok(())
}

#[expect(clippy::cast_possible_truncation, reason = "bounded just before")]
fn whole(number: f64) -> Option<i64> {
    (number.abs() < 1e15).then_some(number as i64)
}
