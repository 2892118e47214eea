//! What the edge saw of the requests for an app: sums that can be added in any order, and what can be
//! asked of them.
//!
//! An edge counts in windows (`edge/traffic`), the database keeps the counts as text (`db/traffic.rs`),
//! and who asks adds up what is in a span of time. To add something that is counted: a field or record
//! in `counts.rs`, with its place in the text, and the question in `ask.rs`.

mod ask;
mod counts;
mod histogram;
mod report;
mod top;

pub use ask::{Summary, error_share, percentile, rate};
pub use counts::{Counts, Group, NotCounts, Tally};
pub use histogram::Histogram;
pub use report::{Counted, Line, Report, Watching, Window};
pub use top::{Entry, Top};

/// The length of a window in which an edge counts, seconds.
pub const WINDOW: i64 = 10;

/// The length of a window of paths and countries, seconds: what is seldom must come more than once in it.
pub const TOPS: i64 = 300;

/// How long counts of one length are kept, and the length that they are added up to then; all in seconds.
pub const SPANS: [(i64, i64, Option<i64>); 4] = [
    (WINDOW, 2 * 3_600, Some(TOPS)),
    (TOPS, 2 * DAY, Some(3_600)),
    (3_600, 30 * DAY, Some(DAY)),
    (DAY, 365 * DAY, None),
];

const DAY: i64 = 86_400;

/// The length of the windows that are left of a time `age` seconds ago.
#[must_use]
pub fn span_at(age: i64) -> i64 {
    let kept = SPANS.iter().find(|(_, kept, _)| age <= *kept);
    kept.map_or(DAY, |(span, ..)| *span)
}
