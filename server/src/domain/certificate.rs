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
    /// The CA's limits leave no room for an order before `next_try_at`. A valid one is still served.
    PendingBudget,
    /// An order is on its way. A valid one is still served.
    Ordering,
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
            Self::PendingBudget => "pending_budget",
            Self::Ordering => "ordering",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        const ALL: [State; 7] = [
            State::Pending,
            State::PendingDns,
            State::Issued,
            State::Failed,
            State::Covered,
            State::PendingBudget,
            State::Ordering,
        ];
        ALL.into_iter().find(|s| s.name() == name)
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
    /// When it is renewed, and what stands in the way.
    pub plan: Plan,
}

/// When a certificate is renewed, where, and what the last try came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// An order for the next one is due from here on; none without a certificate.
    pub renew_at: Option<Time>,
    /// The CA is asked again here when it would like to renew (RFC 9773); none if it does not say.
    pub ask_at: Option<Time>,
    /// Where the CA explains when it would like to renew: an `https` URL.
    pub explanation: Option<String>,
    /// What the last failure means, by the name of an `acme::Kind`.
    pub fault: Option<String>,
    /// The CA's problem type of the last failure (RFC 8555, 6.7).
    pub problem: Option<String>,
    /// Who signed the certificate, for people.
    pub issuer: Option<String>,
    /// The directory that was chosen for this host alone.
    pub chosen: Option<String>,
    /// Directories of the list that were passed over since the last success.
    pub passed: i64,
    /// The limit that it waits for; see `acme::budget`.
    pub waits_for: Option<String>,
    /// Somebody asked for a new one, whatever the dates say.
    pub forced: bool,
}

impl Certificate {
    /// Whether there is one that counts at `now`.
    #[must_use]
    pub fn is_valid(&self, now: Time) -> bool {
        self.chain.is_some() && self.not_after.is_some_and(|until| until > now)
    }

    /// For how long it is valid altogether.
    #[must_use]
    pub fn lifetime(&self) -> Option<chrono::Duration> {
        Some(self.not_after? - self.not_before?)
    }
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
