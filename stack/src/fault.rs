//! What is wrong with a file or a setting: where, a stable code, the rule and the way out.
//!
//! To add a kind: give it a code of its own where it is found; codes are never reused or renamed.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Where something is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The file's path; empty where there is but one file, without a name.
    pub file: Arc<str>,
    /// 1-based.
    pub line: u32,
    /// 1-based, in characters.
    pub column: u32,
}

/// One thing that is wrong, or worth knowing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The path in the document: `services.web.deploy.replicas`, `settings.ports[0].target`.
    pub path: String,
    /// Stable, for programs.
    pub code: String,
    /// The rule and the way out. Never holds the value of a variable or a secret.
    pub message: String,
    /// 1-based line in the file, where known.
    pub line: Option<u32>,
    /// 1-based column in the line, in characters, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// The file's path, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

impl Fault {
    /// A fault without a line.
    pub fn new(path: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            code: code.to_owned(),
            message: message.into(),
            line: None,
            column: None,
            file: None,
        }
    }

    /// The same fault, in this line of the file.
    #[must_use]
    pub fn on(mut self, line: u32) -> Self {
        self.line = Some(line);
        self
    }

    /// The same fault, at this place.
    #[must_use]
    pub fn at(mut self, place: &Place) -> Self {
        (self.line, self.column) = (Some(place.line), Some(place.column));
        self.file = Some(place.file.to_string()).filter(|file| !file.is_empty());
        self
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = if self.path.is_empty() { "the file" } else { &self.path };
        let file = self.file.as_ref().map(|file| file.escape_debug().to_string());
        let line = self.line.map(|line| format!("line {line}"));
        let column = self.column.map(|column| format!("column {column}"));
        let place: Vec<String> = [file, line, column].into_iter().flatten().collect();
        if place.is_empty() {
            write!(f, "{path}: {}", self.message)
        } else {
            write!(f, "{path} ({}): {}", place.join(", "), self.message)
        }
    }
}

/// Collects faults, so that all are told at once.
#[derive(Debug, Default)]
pub(crate) struct Faults(pub(crate) Vec<Fault>);

impl Faults {
    /// Notes one.
    pub(crate) fn add(&mut self, path: impl Into<String>, code: &str, message: impl Into<String>) {
        self.0.push(Fault::new(path, code, message));
    }

    /// Notes one unless `ok`.
    pub(crate) fn unless(
        &mut self,
        ok: bool,
        path: impl Into<String>,
        code: &str,
        message: impl Into<String>,
    ) {
        if !ok {
            self.add(path, code, message);
        }
    }

    /// The value, or all that is wrong.
    pub(crate) fn give<T>(self, value: T) -> Result<T, Vec<Fault>> {
        if self.0.is_empty() { Ok(value) } else { Err(self.0) }
    }
}
