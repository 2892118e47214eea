//! What an edge tells Skep, and what it is answered: both sides use these types.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::id::DomainId;

/// `POST /edge/traffic`: each second; with counts each window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The edge process: new at each start.
    pub edge: Uuid,
    /// The machine that it runs on, for people.
    pub node: String,
    /// What was counted; none between the windows.
    #[serde(default)]
    pub counted: Option<Counted>,
    /// Requests for domains that somebody watches.
    #[serde(default)]
    pub lines: Vec<Line>,
    /// Such lines that were left out since the last report: they came too fast.
    #[serde(default)]
    pub skipped: u64,
}

/// What was counted since the report before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counted {
    /// Counts up; a repeat of the same number counts once.
    pub seq: i64,
    /// From when, seconds since 1970.
    pub from: i64,
    /// Until when.
    pub until: i64,
    /// Lines of the log that are in no counts, since the process began.
    pub uncounted: i64,
    /// The process ends: nothing is missing after it.
    pub last: bool,
    /// The counts.
    pub windows: Vec<Window>,
}

/// Counts of one domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Which.
    pub domain: DomainId,
    /// How long the window is, seconds.
    pub span: i64,
    /// When it began, seconds since 1970.
    pub at: i64,
    /// [`Counts`](super::Counts) as text.
    pub counts: String,
}

/// One request that ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The domain.
    pub domain: DomainId,
    /// When it began: RFC 3339, as the edge's clock says.
    pub at: String,
    /// The method.
    pub method: String,
    /// The host asked for.
    pub host: String,
    /// The path, without query.
    pub path: String,
    /// The version of HTTP.
    pub protocol: String,
    /// The status that was answered.
    pub status: u16,
    /// How long it took to the last byte, microseconds.
    pub micros: u64,
    /// Bytes of the answer's body.
    pub bytes: u64,
    /// Who asked: their address.
    pub client: String,
    /// Who answered: `address:port`; empty if the edge itself.
    pub backend: String,
    /// How often the edge asked again.
    pub retries: u64,
}

/// What Skep answers to a report.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Watching {
    /// Domains whose requests somebody watches now: their lines come with the next report.
    pub watch: Vec<DomainId>,
}
