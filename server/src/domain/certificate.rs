//! A TLS certificate for one host: what we have, what we are doing about it, and why not.

use serde::{Deserialize, Serialize};

use super::{clock::Time, domain_name::Hostname, id::CertificateId};

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
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Pending, Self::PendingDns, Self::Issued, Self::Failed].into_iter().find(|s| s.name() == name)
    }
}

/// A certificate of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Its id.
    pub id: CertificateId,
    /// The host.
    pub host: Hostname,
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
