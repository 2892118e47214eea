//! A domain that a team proves to be theirs, by a record that only its owner can put.

use super::{
    clock::Time,
    domain_name::Hostname,
    id::{TeamId, VerifiedDomainId},
};

/// A domain and its proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedDomain {
    /// Its id.
    pub id: VerifiedDomainId,
    /// Whose it is, once it is proved.
    pub team: TeamId,
    /// The domain; what is proved holds for all names below it, too.
    pub domain: Hostname,
    /// What the TXT record must hold: this team's alone.
    pub token: String,
    /// When the record was found; none: not yet.
    pub verified_at: Option<Time>,
    /// When the proof was begun.
    pub created_at: Time,
}

impl VerifiedDomain {
    /// The name of the TXT record.
    #[must_use]
    pub fn record(&self) -> String {
        format!("_skep-challenge.{}", self.domain)
    }
}
