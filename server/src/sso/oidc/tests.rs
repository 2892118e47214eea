//! A provider that signs, and lies in each way that is known (case 118).

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};
use serde_json::{Value, json};

use super::{token::*, *};
use crate::{
    domain::{
        clock::Time,
        outbound::Outbound,
        secret::Secret,
        sso::{Claim, ClientName, Issuer, Kind},
    },
    sso::http::Http,
};

const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "https://login.example.org";
const EXPECTED: Expected<'static> = Expected { issuer: ISSUER, client: "skep", nonce: "nonce" };

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// A provider's keys.
struct Signer {
    ed: Ed25519KeyPair,
    ec: EcdsaKeyPair,
}

impl Signer {
    fn new() -> Self {
        let random = SystemRandom::new();
        let ed = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
        let ec = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        Self {
            ed: Ed25519KeyPair::from_pkcs8(ed.as_ref()).unwrap(),
            ec: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, ec.as_ref(), &random).unwrap(),
        }
    }

    fn set(&self) -> Value {
        let point = self.ec.public_key().as_ref();
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({"keys": [
            {"kty": "OKP", "crv": "Ed25519", "kid": "ed", "use": "sig", "x": text(self.ed.public_key().as_ref())},
            {"kty": "EC", "crv": "P-256", "kid": "ec", "alg": "ES256", "x": text(&point[1..33]), "y": text(&point[33..])},
            {"kty": "oct", "kid": "shared", "k": text(b"secret")},
            {"kty": "OKP", "crv": "Ed25519", "kid": "enc", "use": "enc", "x": text(self.ed.public_key().as_ref())},
        ]})
    }

    fn signed(&self, header: &Value, claims: &Value) -> String {
        let message = format!("{}.{}", part(header), part(claims));
        let signature = match header["alg"].as_str() {
            Some("ES256") => {
                self.ec.sign(&SystemRandom::new(), message.as_bytes()).unwrap().as_ref().to_vec()
            }
            Some("HS256") => {
                // The public key as the secret.
                let key = hmac::Key::new(hmac::HMAC_SHA256, self.ed.public_key().as_ref());
                hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
            }
            Some("none") => Vec::new(),
            _ => self.ed.sign(message.as_bytes()).as_ref().to_vec(),
        };
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

fn claims() -> Value {
    json!({"iss": ISSUER, "aud": "skep", "sub": "u1", "nonce": "nonce", "iat": NOW, "exp": NOW + 300})
}

fn header() -> Value {
    json!({"alg": "EdDSA", "kid": "ed"})
}

fn code(answer: Result<Map<String, Value>, SsoError>) -> &'static str {
    answer.map_or_else(|error| error.code(), |_| "")
}

#[test]
fn case_118_what_is_not_signed_by_the_provider_is_refused() {
    let signer = Signer::new();
    let keys = Keys::read(&signer.set());
    assert_eq!(keys.count(), 2, "neither a shared secret nor a key for something else");
    let verify = |token: &str| code(verify(token, &keys, &EXPECTED, NOW));
    let with = |header: Value| verify(&signer.signed(&header, &claims()));
    assert_eq!(with(header()), "");
    assert_eq!(with(json!({"alg": "EdDSA"})), "", "without a name there is one key that fits");
    assert_eq!(with(json!({"alg": "ES256", "kid": "ec"})), "");
    for (header, why) in [
        (json!({"alg": "none"}), "token_algorithm"),
        (json!({"alg": "None", "kid": "ed"}), "token_algorithm"),
        (json!({"alg": "HS256", "kid": "ed"}), "token_algorithm"),
        (json!({"alg": "HS256", "kid": "shared"}), "token_algorithm"),
        (json!({"kid": "ed"}), "token_algorithm"),
        (json!({"alg": ["EdDSA"], "kid": "ed"}), "token_algorithm"),
        (json!({"alg": "EdDSA", "kid": "ed", "crit": ["exp"]}), "token_algorithm"),
        (json!({"alg": "EdDSA", "kid": "unknown"}), "token_key"),
        (json!({"alg": "EdDSA", "kid": "enc"}), "token_key"),
        // The key says what it is for, not the token.
        (json!({"alg": "EdDSA", "kid": "ec"}), "token_key"),
        (json!({"alg": "RS256", "kid": "ed"}), "token_key"),
        (json!({"alg": "ES384", "kid": "ec"}), "token_key"),
        (json!({"alg": "EdDSA", "kid": 7}), "token_malformed"),
        (json!(["EdDSA"]), "token_malformed"),
    ] {
        assert_eq!(with(header.clone()), why, "{header}");
    }
    // Another's key of the same name; a token that was altered; none at all.
    assert_eq!(verify(&Signer::new().signed(&header(), &claims())), "token_signature");
    let token = signer.signed(&header(), &claims());
    let parts: Vec<&str> = token.split('.').collect();
    let mut other = claims();
    other["sub"] = json!("admin");
    assert_eq!(verify(&format!("{}.{}.{}", parts[0], part(&other), parts[2])), "token_signature");
    assert_eq!(verify(&format!("{}.{}.", parts[0], parts[1])), "token_signature");
    for broken in ["", ".", "..", "a.b", "a.b.c", &format!("{token}.x"), &token[1..], &format!("{token}=")] {
        assert_eq!(verify(broken), "token_malformed", "{broken}");
    }
    assert_eq!(verify(&format!("{}.{}.{}", parts[0], "x".repeat(70_000), parts[2])), "token_malformed");
    let empty = Keys::read(&json!({}));
    assert_eq!(code(super::token::verify(&token, &empty, &EXPECTED, NOW)), "token_key");
}

#[test]
fn case_118_what_is_not_for_us_and_now_is_refused() {
    let signer = Signer::new();
    let keys = Keys::read(&signer.set());
    let with = |change: Value| {
        let mut all = claims();
        for (name, value) in change.as_object().unwrap() {
            if value.is_null() {
                all.as_object_mut().unwrap().remove(name);
            } else {
                all[name] = value.clone();
            }
        }
        code(verify(&signer.signed(&header(), &all), &keys, &EXPECTED, NOW))
    };
    for good in [
        json!({"aud": ["skep"]}),
        json!({"aud": ["skep", "other"], "azp": "skep"}),
        json!({"azp": "skep"}),
        json!({"exp": NOW - 59}),
        json!({"nbf": NOW + 60}),
        json!({"iat": NOW + 60}),
    ] {
        assert_eq!(with(good.clone()), "", "{good}");
    }
    for (change, why) in [
        (json!({"iss": "https://login.example.org/"}), "token_issuer"),
        (json!({"iss": "https://evil.example.org"}), "token_issuer"),
        (json!({"iss": null}), "token_issuer"),
        (json!({"iss": [ISSUER]}), "token_issuer"),
        (json!({"aud": "other"}), "token_audience"),
        (json!({"aud": ["other"]}), "token_audience"),
        (json!({"aud": ["skep", "other"]}), "token_audience"),
        (json!({"aud": ["skep", "other"], "azp": "other"}), "token_audience"),
        (json!({"azp": "other"}), "token_audience"),
        (json!({"aud": []}), "token_audience"),
        (json!({"aud": null}), "token_audience"),
        (json!({"nonce": "another"}), "token_nonce"),
        (json!({"nonce": null}), "token_nonce"),
        (json!({"sub": null}), "token_subject"),
        (json!({"sub": ""}), "token_subject"),
        (json!({"sub": 7}), "token_subject"),
        (json!({"sub": "x".repeat(256)}), "token_subject"),
        (json!({"exp": NOW - 60}), "token_expired"),
        (json!({"exp": 0}), "token_expired"),
        (json!({"exp": null}), "token_time"),
        (json!({"exp": (NOW + 300).to_string()}), "token_time"),
        (json!({"exp": 1e300}), "token_time"),
        (json!({"exp": true}), "token_time"),
        (json!({"iat": null}), "token_time"),
        (json!({"iat": NOW.to_string()}), "token_time"),
        (json!({"iat": NOW + 61}), "token_early"),
        (json!({"nbf": NOW + 61}), "token_early"),
        (json!({"nbf": (NOW - 9).to_string()}), "token_time"),
    ] {
        assert_eq!(with(change.clone()), why, "{change}");
    }
}

/// What a provider on loopback answers.
#[derive(Clone)]
struct Says(Arc<Mutex<Said>>);

struct Said {
    discovery: Value,
    keys: Value,
    token: (StatusCode, Value),
    userinfo: Value,
    form: String,
    authorization: String,
}

async fn provider(signer: &Signer) -> (Endpoint, Says) {
    let said = Said {
        discovery: Value::Null,
        keys: signer.set(),
        token: (StatusCode::OK, Value::Null),
        userinfo: Value::Null,
        form: String::new(),
        authorization: String::new(),
    };
    let says = Says(Arc::new(Mutex::new(said)));
    let router = Router::new()
        .route(
            "/.well-known/openid-configuration",
            get(async |State(says): State<Says>| Json(says.0.lock().unwrap().discovery.clone())),
        )
        .route("/keys", get(async |State(says): State<Says>| Json(says.0.lock().unwrap().keys.clone())))
        .route("/me", get(async |State(says): State<Says>| Json(says.0.lock().unwrap().userinfo.clone())))
        .route("/away", get(async || (StatusCode::FOUND, [("location", "/keys")], "{}")))
        .route("/large", get(async || " ".repeat(2 << 20)))
        .route(
            "/token",
            post(async |State(says): State<Says>, headers: axum::http::HeaderMap, form: String| {
                let mut said = says.0.lock().unwrap();
                said.form = form;
                let shown = headers.get("authorization").and_then(|value| value.to_str().ok());
                said.authorization = shown.unwrap_or_default().to_owned();
                (said.token.0, Json(said.token.1.clone()))
            }),
        )
        .with_state(says.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    says.0.lock().unwrap().discovery = json!({
        "issuer": base, "authorization_endpoint": format!("{base}/auth?x=1"), "token_endpoint": format!("{base}/token"),
        "jwks_uri": format!("{base}/keys"), "userinfo_endpoint": format!("{base}/me"),
        "scopes_supported": ["openid", "groups"], "code_challenge_methods_supported": ["S256"],
    });
    let endpoint = Endpoint {
        kind: Kind::Oidc,
        issuer: Issuer::parse(&base).unwrap(),
        client: ClientName::parse("skep").unwrap(),
        secret: Secret::new("a secret: +"),
        claim: Claim::parse("groups").unwrap(),
    };
    (endpoint, says)
}

fn ask() -> Ask {
    Ask {
        redirect: "https://skep.example.org/login/callback".parse().unwrap(),
        state: "state".into(),
        nonce: "nonce".into(),
        verifier: Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
    }
}

fn loopback() -> Http {
    Http::new(Outbound::parse("127.0.0.0/8").unwrap())
}

fn now() -> Time {
    Time::from_timestamp(NOW, 0).unwrap()
}

#[tokio::test]
async fn a_code_becomes_somebody() {
    let signer = Signer::new();
    let (at, says) = provider(&signer).await;
    let url = begin(&loopback(), &at, &ask()).await.unwrap();
    let pairs: std::collections::BTreeMap<_, _> = url.query_pairs().into_owned().collect();
    for (name, value) in [
        ("x", "1"),
        ("response_type", "code"),
        ("client_id", "skep"),
        ("redirect_uri", "https://skep.example.org/login/callback"),
        ("scope", "openid email profile groups"),
        ("state", "state"),
        ("nonce", "nonce"),
        // RFC 7636, appendix B.
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(pairs.get(name).map(String::as_str), Some(value), "{name}");
    }
    let mut told = claims();
    told["iss"] = json!(at.issuer.as_str());
    let token = signer.signed(&header(), &told);
    {
        let mut said = says.0.lock().unwrap();
        said.token.1 = json!({"access_token": "access", "id_token": token});
        said.userinfo =
            json!({"sub": "u1", "email": "ada@acme.example", "email_verified": "true", "groups": ["dev", 7]});
    }
    let vouched = identify(&loopback(), &at, &ask(), "the code", now()).await.unwrap();
    let expected = Vouched {
        subject: "u1".into(),
        email: Some("ada@acme.example".into()),
        verified: true,
        groups: vec!["dev".into()],
    };
    assert_eq!(vouched, expected);
    {
        let said = says.0.lock().unwrap();
        assert!(
            said.form.contains("code_verifier=dBjftJeZ4CVP") && said.form.contains("code=the+code"),
            "{}",
            said.form
        );
        assert!(!said.form.contains("client_secret"), "in the header alone");
        // `skep:a+secret%3A+%2B`
        assert_eq!(said.authorization, "Basic c2tlcDphK3NlY3JldCUzQSslMkI=");
    }
    // It tells about somebody else than it signed for.
    says.0.lock().unwrap().userinfo = json!({"sub": "u2", "email": "root@acme.example"});
    let wrong = identify(&loopback(), &at, &ask(), "c", now()).await.unwrap_err();
    assert_eq!(wrong.code(), "token_subject");
    // Its own words.
    says.0.lock().unwrap().token =
        (StatusCode::BAD_REQUEST, json!({"error": "invalid_grant", "error_description": "<b>old</b>\ncode"}));
    let said = identify(&loopback(), &at, &ask(), "c", now()).await.unwrap_err();
    assert_eq!(said, SsoError::Said("invalid_grant: <b>old</b> code".into()));
    // A new key of the same name is taken at once, and the old one no more.
    says.0.lock().unwrap().keys = Signer::new().set();
    says.0.lock().unwrap().token = (StatusCode::OK, json!({"access_token": "a", "id_token": token}));
    assert_eq!(identify(&loopback(), &at, &ask(), "c", now()).await.unwrap_err().code(), "token_signature");
    says.0.lock().unwrap().token.1 = json!({"access_token": "a"});
    assert_eq!(identify(&loopback(), &at, &ask(), "c", now()).await.unwrap_err().code(), "token_missing");
}

#[tokio::test]
async fn a_provider_that_is_none_is_told() {
    let signer = Signer::new();
    let (at, says) = provider(&signer).await;
    let refused = async |name: &str, value: Value| {
        let before = std::mem::replace(&mut says.0.lock().unwrap().discovery[name], value);
        let keys = Keys::read(&signer.set());
        assert_eq!(keys.count(), 2);
        let error = identify(&loopback(), &at, &ask(), "c", now()).await.unwrap_err();
        says.0.lock().unwrap().discovery[name] = before;
        error.code()
    };
    let base = at.issuer.as_str();
    assert_eq!(refused("issuer", json!(format!("{base}/"))).await, "issuer_mismatch");
    assert_eq!(refused("token_endpoint", json!("http://login.example.org/token")).await, "not_a_provider");
    assert_eq!(refused("token_endpoint", json!("file:///etc/passwd")).await, "not_a_provider");
    assert_eq!(
        refused("jwks_uri", json!(format!("{base}/away"))).await,
        "not_a_provider",
        "no redirect is followed"
    );
    assert_eq!(refused("jwks_uri", json!(format!("{base}/large"))).await, "not_a_provider");
    assert_eq!(refused("jwks_uri", json!("https://10.0.0.1/keys")).await, "address_not_allowed");
    assert_eq!(refused("authorization_endpoint", json!(null)).await, "not_a_provider");
    // Case 41: nobody reaches the machine's own network by it.
    let closed = Http::new(Outbound::default());
    assert_eq!(identify(&closed, &at, &ask(), "c", now()).await.unwrap_err().code(), "address_not_allowed");
}

#[tokio::test]
async fn a_test_tells_each_finding() {
    let signer = Signer::new();
    let (at, says) = provider(&signer).await;
    let look = async || {
        let all = examine(&loopback(), &at, &ask()).await;
        all.into_iter().filter(|finding| !finding.ok).map(|finding| finding.what).collect::<Vec<_>>()
    };
    says.0.lock().unwrap().token = (StatusCode::BAD_REQUEST, json!({"error": "invalid_grant"}));
    assert!(look().await.is_empty());
    says.0.lock().unwrap().token = (StatusCode::UNAUTHORIZED, json!({"error": "invalid_client"}));
    says.0.lock().unwrap().keys = json!({"keys": [{"kty": "oct", "k": "x"}]});
    assert_eq!(look().await, ["keys", "client"]);
    says.0.lock().unwrap().discovery = json!({"issuer": "https://other.example.org"});
    assert_eq!(look().await, ["discovery"]);
}
