//! What is wrong with a file or a setting: where, a stable code, the rule and the way out.
//!
//! To add a kind: give it a code of its own where it is found; codes are never reused or renamed.

use serde::{Deserialize, Serialize};

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
}

impl Fault {
    /// A fault without a line.
    pub fn new(path: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        Self { path: path.into(), code: code.to_owned(), message: message.into(), line: None }
    }

    /// The same fault, in this line of the file.
    #[must_use]
    pub fn on(mut self, line: u32) -> Self {
        self.line = Some(line);
        self
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = if self.path.is_empty() { "the file" } else { &self.path };
        match self.line {
            Some(line) => write!(f, "{path} (line {line}): {}", self.message),
            None => write!(f, "{path}: {}", self.message),
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
