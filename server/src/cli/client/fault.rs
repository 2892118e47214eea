//! Why a command was not done, in words for people and as an exit code.
//!
//! To add a kind: a variant with its text, and its code in [`Failure::exit_code`].

use reqwest::StatusCode;
use serde::Deserialize;

use crate::{
    cli::{NOT_DONE, UNREACHABLE, USAGE},
    domain::fault::Fault,
};

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum Failure {
    /// The server said no, and why.
    #[error("{1}")]
    Problem(StatusCode, Problem),
    /// It was understood, and could not be done.
    #[error("{0}")]
    NotDone(String),
    /// It was asked in a way that cannot be understood.
    #[error("{0}")]
    Usage(String),
    /// No answer, or nobody to ask.
    #[error("{0}")]
    Unreachable(String),
}

impl Failure {
    /// What the shell is told.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Problem(StatusCode::UNAUTHORIZED, _) | Self::Unreachable(_) => UNREACHABLE,
            Self::Problem(..) | Self::NotDone(_) => NOT_DONE,
            Self::Usage(_) => USAGE,
        }
    }

    /// It may go better in a moment: the server restarts, say.
    pub(super) fn passing(&self) -> bool {
        match self {
            Self::Unreachable(_) => true,
            Self::Problem(status, _) => status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS,
            Self::NotDone(_) | Self::Usage(_) => false,
        }
    }
}

/// The part of problem details (RFC 9457) that people read.
#[derive(Debug, Deserialize)]
pub(in crate::cli) struct Problem {
    /// What is wrong and what to do.
    detail: String,
    /// Every wrong field.
    #[serde(default)]
    errors: Vec<Fault>,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)?;
        for fault in &self.errors {
            let line = format!("{}: {}", fault.field, fault.message);
            // With one fault the detail is that line already.
            if line != self.detail {
                write!(f, "\n  {line}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(status: u16, body: &str) -> Failure {
        let problem = serde_json::from_str(body).expect("problem details");
        Failure::Problem(StatusCode::from_u16(status).expect("a status"), problem)
    }

    #[test]
    fn exit_codes_tell_the_truth() {
        let of = |status| problem(status, r#"{"detail": "no"}"#).exit_code();
        assert_eq!([of(401), of(403), of(404), of(409), of(422), of(503)], [3, 1, 1, 1, 1, 1]);
        assert_eq!(Failure::Unreachable(String::new()).exit_code(), 3);
        assert_eq!(Failure::Usage(String::new()).exit_code(), 2);
        assert_eq!(Failure::NotDone(String::new()).exit_code(), 1);
    }

    #[test]
    fn every_fault_is_told_once() {
        let one = r#"{"detail": "name: too long", "errors": [{"field": "name", "code": "x", "message": "too long"}]}"#;
        assert_eq!(problem(422, one).to_string(), "name: too long");
        let two = r#"{"detail": "2 faults", "errors": [
            {"field": "name", "code": "x", "message": "too long"},
            {"field": "port", "code": "x", "message": "not 0"}]}"#;
        assert_eq!(problem(422, two).to_string(), "2 faults\n  name: too long\n  port: not 0");
    }
}
