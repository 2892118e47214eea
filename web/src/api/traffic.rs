//! What the edges saw of the requests for an app.

use serde::{Deserialize, Serialize};

use super::Time;
#[cfg(feature = "ssr")]
use super::{AppId, DomainId, Result};

/// Sums over requests.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TrafficSum {
    /// All.
    pub requests: u64,
    /// A second, as a mean.
    pub rate: f64,
    /// By class of status: 1xx to 5xx.
    pub classes: [u64; 5],
    /// The part of the answers that were 5xx, 0 to 1.
    pub error_share: Option<f64>,
    /// Bytes of requests' bodies.
    pub bytes_in: u64,
    /// Bytes of answers' bodies.
    pub bytes_out: u64,
    /// Times that the edge asked another backend.
    pub retries: u64,
    /// Half, 95 and 99 of 100 answers took at most that long, milliseconds.
    pub percentiles: Option<[f64; 3]>,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrafficPoint {
    /// When it begins.
    pub at: Time,
    /// How long it is so far, seconds.
    pub seconds: i64,
    /// The sums.
    pub sum: TrafficSum,
}

/// Sums of one domain or backend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrafficOf {
    /// The domain's id; empty for a backend.
    pub id: String,
    /// `shop.example.org/cart` or `10.0.1.5:8080`.
    pub name: String,
    /// The sums.
    pub sum: TrafficSum,
}

/// A path or country, and how often it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Often {
    /// `/orders/*`, or `DE`.
    pub name: String,
    /// How often, at most.
    pub requests: u64,
    /// By how much that may be too large.
    pub over: u64,
}

/// A time in which counts are missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrafficMissing {
    /// The edge's machine.
    pub node: String,
    /// From when.
    pub from: Time,
    /// Until when.
    pub until: Time,
    /// Requests that are known to be missing; 0 if nothing is known of them.
    pub requests: u64,
}

/// The requests for an app over a time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrafficView {
    /// From when.
    pub from: Time,
    /// Until when.
    pub until: Time,
    /// How long a step is, seconds.
    pub step: i64,
    /// All together.
    pub sum: TrafficSum,
    /// Each step, the oldest first.
    pub points: Vec<TrafficPoint>,
    /// The paths that were asked for most.
    pub paths: Vec<Often>,
    /// Requests by country, most first.
    pub countries: Vec<Often>,
    /// Each domain.
    pub domains: Vec<TrafficOf>,
    /// Each backend; `-` is the edge itself.
    pub backends: Vec<TrafficOf>,
    /// When counts are missing.
    pub missing: Vec<TrafficMissing>,
}

/// Questions about requests.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Traffics: Send + Sync {
    /// The last so many seconds, of all domains or of one. `Forbidden` for who may not read logs.
    async fn traffic(&self, id: &AppId, seconds: i64, domain: Option<&DomainId>) -> Result<TrafficView>;
}
