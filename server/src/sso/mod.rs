//! Identity providers: the only place that speaks with one.
//!
//! Why not a library: those there are bring a second and third implementation of each signature, of
//! which the one for RSA has an open advisory, and a clock of their own. `ring`, by which we speak TLS,
//! verifies all of them, and what remains is short: `oidc/token.rs` is the whole of it.
//!
//! To add a kind: its file with `begin`, `identify` and `examine`, a line in `client.rs`, and a test of
//! how it misbehaves.

use async_trait::async_trait;
use url::Url;

use crate::domain::{
    clock::Time,
    secret::Secret,
    sso::{Claim, ClientName, Issuer, Kind},
};

mod client;
pub mod fake;
mod github;
mod http;
mod oidc;

pub use client::Client;

/// A provider as it is spoken with.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// How.
    pub kind: Kind,
    /// Where.
    pub issuer: Issuer,
    /// What it calls us.
    pub client: ClientName,
    /// By what it knows us.
    pub secret: Secret,
    /// What it lists groups in.
    pub claim: Claim,
}

/// One sign-on: what goes along to the provider, and must come back the same.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Where the browser comes back to.
    pub redirect: Url,
    /// In the address, on the way there and back.
    pub state: String,
    /// In the signed token.
    pub nonce: String,
    /// What only we can show with the code (PKCE, RFC 7636).
    pub verifier: Secret,
}

impl Ask {
    /// What the provider is told of the verifier: its SHA-256 (`S256`).
    fn challenge(&self) -> String {
        use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
        use sha2::Digest as _;
        URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(self.verifier.expose()))
    }
}

/// Somebody, by the word of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// Theirs there, for ever.
    pub subject: String,
    /// Their address of mail.
    pub email: Option<String>,
    /// It says that the address is theirs.
    pub verified: bool,
    /// Their groups, as it names them.
    pub groups: Vec<String>,
}

/// Why nobody was vouched for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SsoError {
    /// No answer; worth another try.
    #[error("the provider does not answer: {0}")]
    Unreachable(String),
    /// The provider said no, in its own words, which anybody may have written.
    #[error("the provider says: {0}")]
    Said(String),
    /// What it answered is not to be trusted, or not understood.
    #[error("{message}")]
    Wrong {
        /// Stable: `token_signature`, `token_audience`, `not_a_provider`...
        code: &'static str,
        /// What is wrong and what to do.
        message: String,
    },
}

impl SsoError {
    /// A stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "provider_unreachable",
            Self::Said(_) => "provider_refused",
            Self::Wrong { code, .. } => code,
        }
    }

    fn wrong(code: &'static str, message: impl Into<String>) -> Self {
        Self::Wrong { code, message: message.into() }
    }
}

/// Something that was looked at, and how it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What: `discovery`, `keys`, `client`...
    pub what: &'static str,
    /// It is as it should be.
    pub ok: bool,
    /// How it is and what to do.
    pub text: String,
}

/// Who turns what a browser brings into who it is.
#[async_trait]
pub trait Voucher: Send + Sync {
    /// Where a browser is sent to sign in.
    ///
    /// # Errors
    /// The provider does not answer, or is none.
    async fn begin(&self, at: &Endpoint, ask: &Ask) -> Result<Url, SsoError>;

    /// Who came back with this code.
    ///
    /// # Errors
    /// The provider refuses, does not answer, or what it says cannot be trusted.
    async fn identify(&self, at: &Endpoint, ask: &Ask, code: &str, now: Time) -> Result<Vouched, SsoError>;

    /// All that can be known without anybody signing in.
    async fn examine(&self, at: &Endpoint, ask: &Ask) -> Vec<Finding>;
}

/// The words of somebody else on one line, not too long.
fn words(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect();
    plain.trim().to_owned()
}
