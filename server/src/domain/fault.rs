//! What is wrong with an input: the field, a stable code, the rule and the way out.
//!
//! A constructor of a checked type returns `Wrong`; whoever knows the field's path makes it a
//! [`Fault`]. All faults of one request are collected and answered at once.

use serde::{Deserialize, Serialize};

/// Between code and message in the text of a serde error (ASCII's unit separator).
const MARK: char = '\u{1f}';

/// What a checked type's constructor answers to a bad value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Wrong {
    /// Stable, for programs: `invalid_ref`, `scheme_not_allowed`...
    pub code: &'static str,
    /// The rule that was broken and the way out, for people. Never holds the value itself.
    pub message: String,
}

impl Wrong {
    /// A fault with the general code `invalid`.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self { code: "invalid", message: message.into() }
    }

    /// A fault with a code of its own.
    #[must_use]
    pub fn coded(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// As an error of serde, which carries text alone: the code goes along in front of the message.
    pub fn for_serde<E: serde::de::Error>(&self) -> E {
        E::custom(format_args!("{}{MARK}{}", self.code, self.message))
    }

    /// The code and the message of a serde error's text, if it was made by [`Wrong::for_serde`].
    #[must_use]
    pub fn told_by_serde(text: &str) -> Option<(&str, &str)> {
        text.split_once(MARK)
    }

    /// Says which field it is about: `settings.ports[0].target`.
    #[must_use]
    pub fn at(self, field: impl Into<String>) -> Fault {
        Fault { field: field.into(), code: self.code.to_owned(), message: self.message }
    }
}

/// One wrong field of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Fault {
    /// The path of the field: `settings.ports[0].target`.
    pub field: String,
    /// Stable, for programs.
    pub code: String,
    /// The rule and the way out.
    pub message: String,
}
