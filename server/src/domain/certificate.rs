//! A TLS certificate for one host: what we have, what we are doing about it, and why not. What a team
//! brings along is for as many hosts as it names, and has a row of its own ([`OwnCertificate`]).

use serde::{Deserialize, Serialize};

use super::{
    clock::Time,
    host_pattern::HostPattern,
    id::{CertificateId, OwnCertificateId, TeamId},
};

/// Where a certificate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// None yet; an order is due at `next_try_at`, or, with a reason, the edge does not answer yet.
    Pending,
    /// The host's DNS does not lead to us; no order is placed for now.
    PendingDns,
    /// We have one that is valid.
    Issued,
    /// The last order failed; another is due at `next_try_at`. A valid one is still served.
    Failed,
    /// Another certificate of the team serves the host, until `not_after`: none is ordered for it.
    Covered,
}

/// Who gives the certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A public authority, by ACME.
    #[default]
    Acme,
    /// The instance's own authority: for private names.
    Internal,
}

/// By which challenge the authority is shown that the host is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Challenge {
    /// An answer of the host's web server (RFC 8555, 8.3).
    #[default]
    Http,
    /// A record in its DNS (RFC 8555, 8.4): the only one for wildcards.
    Dns,
}

impl Kind {
    /// The name in tables and API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Acme => "acme",
            Self::Internal => "internal",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Acme, Self::Internal].into_iter().find(|kind| kind.name() == name)
    }
}

impl Challenge {
    /// The name in tables and API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Dns => "dns",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Http, Self::Dns].into_iter().find(|challenge| challenge.name() == name)
    }
}

impl State {
    /// The name in tables and API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::PendingDns => "pending_dns",
            Self::Issued => "issued",
            Self::Failed => "failed",
            Self::Covered => "covered",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Pending, Self::PendingDns, Self::Issued, Self::Failed, Self::Covered]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

/// A certificate of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Its id.
    pub id: CertificateId,
    /// The host.
    pub host: HostPattern,
    /// Who gives it.
    pub kind: Kind,
    /// How the authority is shown that the host is ours; a wildcard has no choice.
    pub challenge: Challenge,
    /// The ACME directory it comes from: an `https` URL.
    pub directory: String,
    /// Where it stands.
    pub state: State,
    /// The CA's own words, or ours, if it did not work.
    pub reason: Option<String>,
    /// The chain, PEM, leaf first.
    pub chain: Option<String>,
    /// The private key, PEM, encrypted.
    pub sealed_key: Option<Vec<u8>>,
    /// Valid from.
    pub not_before: Option<Time>,
    /// Valid until.
    pub not_after: Option<Time>,
    /// The last order.
    pub tried_at: Option<Time>,
    /// No look and no order before this.
    pub next_try_at: Time,
    /// Failed orders since the last success.
    pub failures: i64,
    /// Looks through the domain that did not find us since the last order.
    pub checks: i64,
}

/// A certificate that a team brought along, for every host of theirs that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnCertificate {
    /// Its id.
    pub id: OwnCertificateId,
    /// Whose it is.
    pub team: TeamId,
    /// The names in it.
    pub names: Vec<HostPattern>,
    /// Who signed it, for people.
    pub issuer: String,
    /// The chain, PEM, leaf first.
    pub chain: String,
    /// The private key, PEM, encrypted.
    pub sealed_key: Vec<u8>,
    /// Valid from.
    pub not_before: Time,
    /// Valid until.
    pub not_after: Time,
    /// When it was brought.
    pub created_at: Time,
}

impl OwnCertificate {
    /// Whether it is for this host.
    #[must_use]
    pub fn covers(&self, host: &HostPattern) -> bool {
        self.names.iter().any(|name| name.covers(host))
    }
}
