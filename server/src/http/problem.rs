//! The one form of every answer that is no success: problem details (RFC 9457).
//!
//! A handler gives a [`Problem`]; `answer.rs` writes it out, as it alone knows the request's id.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::{
    control::Error,
    domain::fault::{Fault, Wrong},
};

/// Why a request was not answered as asked.
#[derive(Debug, Clone)]
pub struct Problem {
    pub(super) status: StatusCode,
    pub(super) code: String,
    pub(super) detail: String,
    pub(super) errors: Vec<Fault>,
    pub(super) retry_after: Option<u64>,
    /// For our log alone.
    pub(super) cause: Option<String>,
}

impl Problem {
    /// A problem with a stable code and a sentence that says what to do.
    #[must_use]
    pub fn new(status: StatusCode, code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            status,
            code: code.into(),
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
            cause: None,
        }
    }

    /// A thing that is not there, or another team's.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("there is no such {what}"))
    }

    /// One wrong field.
    #[must_use]
    pub fn wrong(field: &str, wrong: Wrong) -> Self {
        Error::wrong(field, wrong).into()
    }

    /// What a status that came without words means.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        let (code, detail) = match status.as_u16() {
            404 => ("not_found", "there is nothing at this address"),
            405 => ("method_not_allowed", "this address takes another method; see the Allow header"),
            408 => ("too_slow", "the request did not arrive in time"),
            413 => ("too_large", "the request is too large"),
            415 => ("unsupported_media_type", "the request's content type is not taken here"),
            431 => ("headers_too_large", "the request's headers are too large"),
            _ if status.is_server_error() => ("internal", "something went wrong on our side"),
            _ => ("bad_request", "the request cannot be understood"),
        };
        Self::new(status, code, detail)
    }

    /// With seconds after which it may work.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }
}

/// The body of an answer that is no success: problem details (RFC 9457).
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProblemDetails {
    /// Stable, as a URI: `urn:skep:problem:name_taken`.
    pub r#type: String,
    /// The HTTP status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong and what to do, for people.
    pub detail: String,
    /// Stable, for programs.
    pub code: String,
    /// Every wrong field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Fault>,
    /// By this the server's log knows the request.
    pub request_id: String,
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::NotFound(what) => Self::not_found(what),
            Error::Conflict { code, message } => Self::new(StatusCode::CONFLICT, code, message),
            Error::Invalid(errors) => {
                let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail);
                // With one fault its code is the whole problem's.
                if let [fault] = errors.as_slice() {
                    problem.code.clone_from(&fault.code);
                    problem.detail = format!("{}: {}", fault.field, fault.message);
                }
                problem.errors = errors;
                problem
            }
            Error::Unauthenticated { code, message } => Self::new(StatusCode::UNAUTHORIZED, code, message),
            Error::Forbidden(message) => Self::new(StatusCode::FORBIDDEN, "forbidden", message),
            Error::Reauthenticate { field, message } => {
                let mut problem = Self::new(StatusCode::FORBIDDEN, "reauthenticate", detail);
                problem.errors = vec![Wrong::coded("reauthenticate", message).at(field)];
                problem
            }
            Error::Busy(seconds) => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, "busy", detail).retry_after(seconds)
            }
            Error::Unavailable(message) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message).retry_after(5)
            }
            Error::Internal(source) => {
                let mut problem = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail);
                problem.cause = Some(chain(&*source));
                problem
            }
        }
    }
}

/// An error with all its sources in one line.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
