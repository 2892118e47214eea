//! What is asked of counts: how many, how many failed, how long. Pure, for pages, canaries and alerts.

use std::{collections::BTreeMap, time::Duration};

use super::{Counts, Histogram};

/// Counts of several groups together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// Requests by class: 1xx to 5xx.
    pub classes: [u64; 5],
    /// Bytes of requests' bodies.
    pub bytes_in: u64,
    /// Bytes of answers' bodies.
    pub bytes_out: u64,
    /// Times that the edge asked again.
    pub retries: u64,
    /// How long they took. Without 1xx: a WebSocket lasts as long as its visitor stays.
    pub latency: Histogram,
}

impl Summary {
    /// All requests.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.classes.iter().sum()
    }

    /// Adds what was counted, of the backends that `which` takes.
    pub fn add(&mut self, counts: &Counts, which: impl Fn(&str) -> bool) {
        for group in counts.groups.iter().filter(|group| which(&group.backend)) {
            let class = usize::from(group.class.clamp(1, 5)) - 1;
            self.classes[class] += group.tally.requests;
            self.bytes_in = self.bytes_in.saturating_add(group.tally.bytes_in);
            self.bytes_out = self.bytes_out.saturating_add(group.tally.bytes_out);
            self.retries += group.tally.retries;
            if group.class != 1 {
                self.latency.merge(&group.tally.latency);
            }
        }
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        for (class, count) in self.classes.iter_mut().zip(other.classes) {
            *class += count;
        }
        self.bytes_in = self.bytes_in.saturating_add(other.bytes_in);
        self.bytes_out = self.bytes_out.saturating_add(other.bytes_out);
        self.retries += other.retries;
        self.latency.merge(&other.latency);
    }

    /// Everything that was counted.
    #[must_use]
    pub fn of(counts: &Counts) -> Self {
        let mut all = Self::default();
        all.add(counts, |_| true);
        all
    }

    /// The same for each backend.
    #[must_use]
    pub fn by_backend(counts: &Counts) -> BTreeMap<String, Self> {
        let mut all = BTreeMap::<String, Self>::new();
        for group in &counts.groups {
            all.entry(group.backend.clone()).or_default();
        }
        for (backend, summary) in &mut all {
            summary.add(counts, |name| name == backend);
        }
        all
    }
}

/// Requests a second, over so many seconds.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
pub fn rate(summary: &Summary, seconds: f64) -> f64 {
    if seconds > 0.0 { summary.requests() as f64 / seconds } else { 0.0 }
}

/// The part of all answers that were 5xx, 0 to 1; none if nothing was answered.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a part of a whole")]
pub fn error_share(summary: &Summary) -> Option<f64> {
    let answered: u64 = summary.classes[1..].iter().sum();
    (answered > 0).then(|| summary.classes[4] as f64 / answered as f64)
}

/// The time within which `share` (0 to 1) of all requests were answered, wrong by
/// [`Histogram::ERROR`] of it at most; none if nothing was answered.
#[must_use]
pub fn percentile(summary: &Summary, share: f64) -> Option<Duration> {
    summary.latency.percentile(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_of_a_backend_is_of_that_backend() {
        let mut counts = Counts::default();
        for (class, backend, millis, times) in
            [(2, "a:80", 10, 98), (5, "a:80", 1, 2), (2, "b:80", 500, 50), (1, "b:80", 3_600_000, 1)]
        {
            let tally = counts.tally(class, backend).0;
            tally.requests += times;
            (0..times).for_each(|_| tally.latency.add(Duration::from_millis(millis)));
        }
        let by = Summary::by_backend(&counts);
        let (a, b) = (&by["a:80"], &by["b:80"]);
        assert_eq!((error_share(a), error_share(b)), (Some(0.02), Some(0.0)));
        assert!((rate(a, 10.0) - 10.0).abs() < 1e-9);
        let near = |got: Option<Duration>, millis: f64| {
            let got = got.expect("answered").as_secs_f64() * 1e3;
            assert!((got - millis).abs() <= millis * Histogram::ERROR, "{got} for {millis}");
        };
        near(percentile(a, 0.5), 10.0);
        near(percentile(b, 0.99), 500.0);
        assert_eq!(Summary::of(&counts).requests(), 151);
        assert_eq!(error_share(&Summary::default()), None);
        assert_eq!(percentile(&Summary::default(), 0.5), None);
    }
}
