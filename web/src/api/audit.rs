//! The audit log: who did what, and what was refused.

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::Result;
use super::{ChangeView, Time};

/// What is asked of the log; an empty text asks for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AuditFilter {
    /// `team` or `instance`.
    pub chain: String,
    /// A part of what a person is called, `nobody` or `machine`.
    pub actor: String,
    /// What the action begins with: `app.`
    pub action: String,
    /// The kind of thing: `app`.
    pub kind: String,
    /// The thing's id.
    pub object: String,
    /// `done`, `refused`, or the code of a refusal.
    pub outcome: String,
    /// The project's id.
    pub project: String,
    /// Not older: a date.
    pub from: String,
    /// Not newer: a date, that day included.
    pub to: String,
    /// A text anywhere in the entry.
    pub text: String,
    /// What the page before gave as `next`.
    pub cursor: String,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntryView {
    /// Its place in the chain.
    pub seq: i64,
    /// When.
    pub at: Time,
    /// Who: what they were called then, `nobody` or `Skep`.
    pub who: String,
    /// `session` or `token` with its id; empty if there was none.
    pub means: String,
    /// The network address, if there was one.
    pub address: String,
    /// What: `app.configure`.
    pub action: String,
    /// The kind of thing.
    pub kind: String,
    /// What it was called then, or its id.
    pub object: String,
    /// Why it was refused; none if it was done.
    pub refused: Option<String>,
    /// What is other than before; secrets are masked.
    pub changes: Vec<ChangeView>,
    /// The request's id.
    pub request: String,
    /// SHA-256, hexadecimal.
    pub hash: String,
}

/// A part of the log, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditEntryView>,
    /// Asks for older ones as `cursor`; none if there are none.
    pub next: Option<String>,
    /// The key that signs, hexadecimal.
    pub key: String,
    /// Days that entries are kept; 0 for ever.
    pub days: u32,
}

/// How a chain was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditChainView {
    /// `team` or `instance`.
    pub chain: String,
    /// How many entries it has.
    pub entries: u64,
    /// The newest entry that is signed.
    pub signed: i64,
    /// What is wrong; empty if it is as it was written.
    pub findings: Vec<String>,
}

/// Questions about the audit log.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Audits: Send + Sync {
    /// So many entries that meet the filter, newest first. Faults at the filter's fields.
    async fn audit(&self, filter: AuditFilter, count: u32) -> Result<AuditPage>;

    /// Looks at each chain, entry by entry.
    async fn verify_audit(&self) -> Result<Vec<AuditChainView>>;
}
