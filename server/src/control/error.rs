//! Why a command or query did not do what was asked. `http/problem.rs` makes the answer of it.

use crate::domain::fault::{Fault, Wrong};

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such thing, or another team's: the same to the asker.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// It cannot be done in the present state; the code is stable.
    #[error("{message}")]
    Conflict {
        /// `domain_taken`, `name_taken`, `setup_done`...
        code: &'static str,
        /// What is in the way and what to do.
        message: String,
    },
    /// Fields are wrong; all of them are told.
    #[error("{} of the request's fields are wrong", .0.len())]
    Invalid(Vec<Fault>),
    /// Not signed in, or the wrong secret; the code is stable.
    #[error("{message}")]
    Unauthenticated {
        /// `sign_in`, `wrong_login`, `signature_missing`...
        code: &'static str,
        /// What to do.
        message: String,
    },
    /// Known, visible, and not allowed.
    #[error("{0}")]
    Forbidden(String),
    /// It must be shown once more who asks, and this was not right.
    #[error("{field}: {message}")]
    Reauthenticate {
        /// What was shown.
        field: &'static str,
        /// The rule and the way out.
        message: &'static str,
    },
    /// Too many or too much; seconds until it may work.
    #[error("too many tries; wait {0} s")]
    Busy(u64),
    /// Something that we need does not answer now.
    #[error("{0}")]
    Unavailable(String),
    /// A fault of ours, or of the database.
    #[error("something went wrong on our side")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// One wrong field.
    #[must_use]
    pub fn wrong(field: &str, wrong: Wrong) -> Self {
        Self::Invalid(vec![wrong.at(field)])
    }

    /// A conflict with a stable code.
    #[must_use]
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::Conflict { code, message: message.into() }
    }

    /// A fault of ours.
    #[must_use]
    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }
}

impl From<crate::db::DbError> for Error {
    fn from(error: crate::db::DbError) -> Self {
        match error {
            crate::db::DbError::PoolTimedOut | crate::db::DbError::Io(_) | crate::db::DbError::PoolClosed => {
                Self::Unavailable("the database does not answer; try again in some seconds".to_owned())
            }
            error => Self::internal(error),
        }
    }
}

impl From<crate::domain::seal::SealError> for Error {
    fn from(error: crate::domain::seal::SealError) -> Self {
        Self::internal(error)
    }
}
