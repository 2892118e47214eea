//! Why a store gave nothing. Its own words are cut and without credentials ([`words`](super::words)).

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The outbound rule refuses its address.
    #[error("its address {0}")]
    NotAllowed(String),
    /// It does not take the credentials, or they may not read this.
    #[error("it refuses: {0}")]
    Denied(String),
    /// There is nothing at this path, or no such key.
    #[error("it has none: {0}")]
    Missing(String),
    /// It does not answer, has a fault, is sealed, or asks to wait.
    #[error("it does not answer: {0}")]
    Unreachable(String),
    /// What it answers cannot be used.
    #[error("its answer cannot be used: {0}")]
    Unusable(String),
}

impl StoreError {
    /// Stable, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAllowed(_) => "address_not_allowed",
            Self::Denied(_) => "store_denied",
            Self::Missing(_) => "secret_missing",
            Self::Unreachable(_) => "store_unreachable",
            Self::Unusable(_) => "store_unusable",
        }
    }
}
