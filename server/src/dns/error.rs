//! Why a DNS provider did nothing: its own words, cut and without credentials, and what to do.

use crate::stores::StoreError;

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DnsError {
    /// The outbound rule refuses its address.
    #[error("its address {0}")]
    NotAllowed(String),
    /// It does not take the credentials, or they may not change this zone.
    #[error("it refuses ({0}): give credentials that may change the records of the zone")]
    Denied(String),
    /// It does not serve the zone.
    #[error("it has no zone {0}: name the zone as it is called there, or correct where the provider is for")]
    NoZone(String),
    /// It does not answer, has a fault, or asks to wait.
    #[error("it does not answer ({0}): it is asked again later")]
    Unreachable(String),
    /// What it answers cannot be used.
    #[error("its answer cannot be used: {0}")]
    Unusable(String),
}

impl DnsError {
    /// Stable, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAllowed(_) => "address_not_allowed",
            Self::Denied(_) => "dns_denied",
            Self::NoZone(_) => "zone_missing",
            Self::Unreachable(_) => "dns_unreachable",
            Self::Unusable(_) => "dns_unusable",
        }
    }
}

impl From<StoreError> for DnsError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotAllowed(words) => Self::NotAllowed(words),
            StoreError::Denied(words) => Self::Denied(words),
            StoreError::Unreachable(words) => Self::Unreachable(words),
            StoreError::Missing(words) | StoreError::Unusable(words) => Self::Unusable(words),
        }
    }
}
