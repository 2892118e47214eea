//! How a question or command can fail, as far as a page must know.

use serde::{Deserialize, Serialize};

/// One wrong field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The path of the field: `source.url`, `settings.mounts[0].target`. Empty: the whole form.
    pub field: String,
    /// The rule and the way out. Never holds a secret.
    pub message: String,
}

impl Fault {
    /// A fault of one field.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// Why a question or command was not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// Fields are wrong; all of them at once.
    Invalid(Vec<Fault>),
    /// There is no such thing, or it is another team's.
    NotFound,
    /// It is visible, but not allowed; the text says what is needed.
    Forbidden(String),
    /// Nobody is signed in, or the credentials given are wrong.
    Unauthenticated,
    /// It does not go with what is there now; the text says what and what to do.
    Conflict(String),
    /// Too many tries; in so many seconds again.
    Busy(u32),
    /// Something outside does not answer; the text says what. Trying again later is right.
    Unavailable(String),
    /// Our own fault; it is in the log under this request id.
    Other(String),
}

impl Error {
    /// One wrong field.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault::new(field, message)])
    }

    /// The HTTP status of a page that shows it.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Invalid(_) => 422,
            Self::NotFound => 404,
            Self::Forbidden(_) => 403,
            Self::Unauthenticated => 401,
            Self::Conflict(_) => 409,
            Self::Busy(_) => 429,
            Self::Unavailable(_) => 503,
            Self::Other(_) => 500,
        }
    }
}

/// What every method of the API answers.
pub type Result<T> = std::result::Result<T, Error>;
