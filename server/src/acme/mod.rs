//! Certificates from a CA by ACME (RFC 8555), HTTP-01 and DNS-01: the only place that speaks with one.
//!
//! Free of SQL: the caller stores accounts (sealed), challenges and certificates, decides when an
//! order is due by the pure functions of [`schedule`], and holds the lock that keeps it to one
//! order per certificate. A challenge is answered by any replica through any Traefik, or by the DNS.
//!
//! To add another challenge: a line in [`Method`], what its answer is in `issue.rs`, and a [`Challenges`]
//! that lays it (`jobs/challenges.rs`, `jobs/dns_answers.rs`).

use async_trait::async_trait;

use crate::domain::{clock::Time, host_pattern::HostPattern, name::Email, secret::Secret};

pub use crate::domain::certificate::Challenge as Method;

pub mod authority;
pub mod budget;
pub mod caa;
pub mod cdn;
pub mod certificate;
pub mod choice;
mod client;
mod directory;
pub mod dns;
mod document;
mod error;
pub mod fake;
mod issue;
pub mod key;
mod pkcs8;
pub mod reach;
mod registered;
pub mod renewal;
pub mod schedule;
pub mod settle;
pub mod standing;
pub mod stored;
#[cfg(test)]
mod year;

pub use directory::Directory;
pub use error::{AcmeError, Kind};
pub use issue::AcmeIssuer;
pub use key::KeyType;
pub use reach::{HttpVisitor, Visitor};
pub use registered::registered;
pub use renewal::Window;
pub use schedule::{backoff, check_wait, patience, renew_at};

/// An account at a directory, as JSON with its private key: to be stored sealed, never shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account(pub Secret);

/// What a CA says of itself (RFC 8555, 7.1.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meta {
    /// The address of its terms of service, if it has any.
    pub terms: Option<String>,
    /// The names that it goes by in CAA records.
    pub caa_identities: Vec<String>,
    /// Kinds of certificates that can be asked for, with what they are, by name.
    pub profiles: Vec<(String, String)>,
    /// Accounts are only for who has a key from elsewhere (RFC 8555, 7.3.4).
    pub needs_external: bool,
    /// Where it says when it would like to renew (RFC 9773), if it does.
    pub renewal_info: Option<String>,
}

/// The key by which a CA knows the owner of a new account (RFC 8555, 7.3.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct External {
    /// How the CA calls it.
    pub id: String,
    /// The key itself, base64url.
    pub hmac: Secret,
}

/// What an order asks for, beside the host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// The host's key.
    pub key: KeyType,
    /// Which kind of certificate, of those in [`Meta::profiles`].
    pub profile: Option<String>,
    /// The chain that the new one takes the place of, if the same CA gave it and knows windows.
    pub replaces: Option<String>,
}

/// What a CA gave us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// PEM, leaf first.
    pub chain: String,
    /// The private key, PEM.
    pub key: Secret,
    /// Valid from.
    pub not_before: Time,
    /// Valid until.
    pub not_after: Time,
}

/// A CA, or all of them: an account knows its directory.
#[async_trait]
pub trait Issuer: Send + Sync {
    /// What the CA says of itself. Also tells whether `directory` is one at all.
    async fn meta(&self, directory: &Directory) -> Result<Meta, AcmeError>;
    /// Makes a new account, and with that agrees to the CA's terms in the owner's name: only to be
    /// called when the owner has said so.
    async fn register(
        &self,
        directory: &Directory,
        email: Option<&Email>,
        external: Option<&External>,
    ) -> Result<Account, AcmeError>;
    /// When the CA would like to renew what it gave; nothing if it never says.
    async fn window(&self, directory: &Directory, chain: &str) -> Result<Option<Window>, AcmeError>;
    /// Obtains one certificate for one host, which is proved as `challenges` can. Takes minutes at most; the challenge is presented
    /// before the CA is told to look, and removed again however it ends.
    async fn issue(
        &self,
        account: &Account,
        host: &HostPattern,
        wish: &Wish,
        challenges: &dyn Challenges,
    ) -> Result<Issued, AcmeError>;
}

/// Where answers to challenges are laid.
#[async_trait]
pub trait Challenges: Send + Sync {
    /// Which challenges they are for.
    fn method(&self) -> Method {
        Method::Http
    }

    /// How long it may take to lay one and to take it away, in addition to the order's own time.
    fn patience(&self) -> std::time::Duration {
        std::time::Duration::ZERO
    }

    /// By HTTP: from now on `GET http://<host>/.well-known/acme-challenge/<token>` is answered with
    /// `answer` and nothing else, until `expires`. By DNS: `answer` is a TXT value of `_acme-challenge.<host>`
    /// that all its servers give when this comes back. The token is checked: 16 to 200 letters, digits, `-`
    /// and `_`.
    async fn put(&self, token: &str, answer: &str, host: &HostPattern, expires: Time) -> Result<(), String>;
    /// No longer. One that is not there is no error.
    async fn remove(&self, token: &str) -> Result<(), String>;
}
