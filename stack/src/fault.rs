//! What is wrong with a file or a setting: where, a stable code, the rule and the way out.

use serde::{Deserialize, Serialize};

/// One thing that is wrong, or worth knowing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The path in the document: `services.web.deploy.replicas`, `settings.ports[0].target`.
    pub path: String,
    /// Stable, for programs.
    pub code: String,
    /// The rule and the way out.
    pub message: String,
    /// 1-based line in the file, where known.
    pub line: Option<u32>,
}

impl Fault {
    /// A fault without a line.
    pub fn new(path: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        Self { path: path.into(), code: code.to_owned(), message: message.into(), line: None }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "{} (line {line}): {}", self.path, self.message),
            None => write!(f, "{}: {}", self.path, self.message),
        }
    }
}
