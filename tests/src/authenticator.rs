//! An authenticator in software, with the browser in front of it: it makes keys and answers questions as
//! WebAuthn (level 3, 6 and 7) says, without attestation, and lies where a test wants it to.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, SigningKey as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// An authenticator that has one key at most.
pub struct Authenticator {
    key: KeyPair,
    /// By what it knows the key.
    pub id: Vec<u8>,
    /// Whose the key is, as it was told.
    pub user: Vec<u8>,
    /// Uses that it has counted; 0 for one that does not count.
    pub counter: u32,
    /// The origin that the browser tells.
    pub origin: String,
    /// The host that the key is bound to.
    pub host: String,
    /// It knew its person by a PIN or a finger.
    pub verified: bool,
    /// The page was within one of another site.
    pub framed: bool,
}

impl Authenticator {
    /// A new one, used at this origin.
    ///
    /// # Panics
    /// The origin is none.
    #[must_use]
    pub fn at(origin: &str) -> Self {
        let url: url::Url = origin.parse().expect("an origin");
        Self {
            key: KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key"),
            id: uuid::Uuid::new_v4().as_bytes().to_vec(),
            user: Vec::new(),
            counter: 1,
            origin: origin.to_owned(),
            host: url.host_str().expect("a host").to_owned(),
            verified: true,
            framed: false,
        }
    }

    /// Makes the key that `options` ask for: what the browser's `toJSON` gives.
    ///
    /// # Panics
    /// The options are none.
    pub fn create(&mut self, options: &Value) -> Value {
        self.user = read(&options["user"]["id"]);
        let mut data = self.data(true);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).expect("a short id").to_be_bytes());
        data.extend(&self.id);
        data.extend(self.public());
        let client = self.client("webauthn.create", options);
        json!({
            "id": told(&self.id),
            "rawId": told(&self.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {"credProps": {"rk": true}},
            "response": {
                "clientDataJSON": told(&client),
                "attestationObject": told(&attestation(&data)),
                "transports": ["internal"],
            },
        })
    }

    /// Answers what `options` ask: what the browser's `toJSON` gives.
    ///
    /// # Panics
    /// The options are none.
    pub fn get(&mut self, options: &Value) -> Value {
        if self.counter > 0 {
            self.counter += 1;
        }
        let data = self.data(false);
        let client = self.client("webauthn.get", options);
        let signed = [data.as_slice(), &Sha256::digest(&client)].concat();
        json!({
            "id": told(&self.id),
            "rawId": told(&self.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": told(&client),
                "authenticatorData": told(&data),
                "signature": told(&self.key.sign(&signed).expect("a signature")),
                "userHandle": told(&self.user),
            },
        })
    }

    /// The begin of the authenticator's data: host, flags (present, verified, with a key), counter.
    fn data(&self, with_key: bool) -> Vec<u8> {
        let flags = 0x01 | if self.verified { 0x04 } else { 0 } | if with_key { 0x40 } else { 0 };
        let mut data = Sha256::digest(&self.host).to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn client(&self, kind: &str, options: &Value) -> Vec<u8> {
        let challenge = options["challenge"].as_str().expect("a challenge");
        let client = json!({
            "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.framed,
        });
        client.to_string().into_bytes()
    }

    /// The public key as COSE has it (RFC 9053): EC2, ES256, P-256, both coordinates.
    fn public(&self) -> Vec<u8> {
        let point = self.key.public_key_raw();
        assert_eq!((point.len(), point[0]), (65, 4), "an uncompressed point");
        let head = [0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
        [&head[..], &point[1..33], &[0x22, 0x58, 0x20], &point[33..]].concat()
    }
}

/// `{"fmt": "none", "attStmt": {}, "authData": …}` in CBOR.
fn attestation(data: &[u8]) -> Vec<u8> {
    let mut object = vec![0xa3, 0x63];
    object.extend(b"fmt");
    object.push(0x64);
    object.extend(b"none");
    object.push(0x67);
    object.extend(b"attStmt");
    object.extend([0xa0, 0x68]);
    object.extend(b"authData");
    object.push(0x59);
    object.extend(u16::try_from(data.len()).expect("short data").to_be_bytes());
    object.extend(data);
    object
}

fn told(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn read(text: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text.as_str().expect("a text")).expect("base64url")
}
