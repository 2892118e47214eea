//! How long requests took: counts in buckets that are eight to each doubling, so that two histograms
//! are added bucket by bucket, and a percentile is at most a sixteenth wrong.

use std::{fmt, str::FromStr, time::Duration};

use super::NotCounts;

/// Buckets for each doubling: as bits.
const FINE: u32 = 3;
/// What is shorter than 128 µs is in one bucket: 2 to this power.
const SHORTEST: u32 = 7;
/// The last bucket: what is longer than 71 minutes counts as that.
const LAST: u8 = 200;

/// Durations by bucket. Only what is there takes room.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Histogram(Vec<(u8, u64)>);

impl Histogram {
    /// Half a bucket, as a part of the value: a percentile is wrong by that much at most, or by 64 µs.
    pub const ERROR: f64 = 1.0 / 16.0;

    /// Counts one duration.
    pub fn add(&mut self, took: Duration) {
        self.put(bucket(took), 1);
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        for (bucket, count) in &other.0 {
            self.put(*bucket, *count);
        }
    }

    /// How many were counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }

    /// The least duration that `share` (0 to 1) of all took at most, by nearest rank and with
    /// [`Histogram::ERROR`]; none if nothing was counted.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a rank within what was counted"
    )]
    pub fn percentile(&self, share: f64) -> Option<Duration> {
        let all = self.count();
        let rank = ((all as f64 * share).ceil() as u64).clamp(1, all.max(1));
        let mut passed = 0;
        let found = self.0.iter().find(|(_, count)| {
            passed += count;
            passed >= rank
        });
        found.map(|(bucket, _)| middle(*bucket))
    }

    fn put(&mut self, bucket: u8, count: u64) {
        match self.0.binary_search_by_key(&bucket, |(bucket, _)| *bucket) {
            Ok(at) => self.0[at].1 = self.0[at].1.saturating_add(count),
            Err(at) => self.0.insert(at, (bucket, count)),
        }
    }
}

/// The bucket of a duration: its leading bit and the three after it.
fn bucket(took: Duration) -> u8 {
    let micros = u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
    let Some(leading) = micros.checked_ilog2().filter(|leading| *leading >= SHORTEST) else { return 0 };
    let fine = (micros >> (leading - FINE)) & ((1 << FINE) - 1);
    u8::try_from(1 + ((leading - SHORTEST) << FINE) + fine).unwrap_or(LAST).min(LAST)
}

/// What a bucket stands for.
fn middle(bucket: u8) -> Duration {
    let Some(place) = bucket.checked_sub(1) else { return Duration::from_micros(64) };
    let (leading, fine) = ((u32::from(place) >> FINE) + SHORTEST, u64::from(place) & ((1 << FINE) - 1));
    let width = 1_u64 << (leading - FINE);
    Duration::from_micros(((1 << FINE) + fine) * width + width / 2)
}

/// `57:12,58:3`: buckets and counts; `-` if there is none.
impl fmt::Display for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("-");
        }
        for (i, (bucket, count)) in self.0.iter().enumerate() {
            write!(f, "{}{bucket}:{count}", if i == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

impl FromStr for Histogram {
    type Err = NotCounts;

    fn from_str(text: &str) -> Result<Self, NotCounts> {
        let mut all = Self::default();
        for pair in text.split(',').filter(|pair| *pair != "-") {
            let (bucket, count) = pair.split_once(':').ok_or(NotCounts)?;
            let bucket = bucket.parse().ok().filter(|bucket| *bucket <= LAST).ok_or(NotCounts)?;
            // What no edge can have seen: sums of many of them still fit.
            all.put(bucket, count.parse().ok().filter(|count| *count < 1 << 50).ok_or(NotCounts)?);
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn buckets_follow_each_other_without_a_hole() {
        let mut last = 0;
        for micros in (0..2_000_000).chain([u64::from(u32::MAX) - 1, u64::MAX]) {
            let now = bucket(Duration::from_micros(micros));
            assert!(now == last || now == last + 1 || micros > 2_000_000, "{micros} µs: {last} to {now}");
            last = now;
        }
        assert_eq!(last, LAST, "what takes longest has a place");
    }

    fn of(micros: &[u64]) -> Histogram {
        let mut all = Histogram::default();
        micros.iter().for_each(|micros| all.add(Duration::from_micros(*micros)));
        all
    }

    proptest! {
        #[test]
        fn a_percentile_is_as_near_as_is_said(mut micros in proptest::collection::vec(0..4_000_000_000_u64, 1..200), share in 0.0..=1.0) {
            let told = of(&micros).percentile(share).expect("some").as_secs_f64() * 1e6;
            micros.sort_unstable();
            let rank = ((micros.len() as f64 * share).ceil() as usize).clamp(1, micros.len());
            let exact = micros[rank - 1] as f64;
            prop_assert!((told - exact).abs() <= (exact * Histogram::ERROR).max(64.0), "{told} for {exact}");
        }

        #[test]
        fn parts_add_up_to_the_whole_in_any_order(a in proptest::collection::vec(any::<u64>(), 0..50), b in proptest::collection::vec(0..90_000_u64, 0..50)) {
            let (mut ab, mut ba) = (of(&a), of(&b));
            ab.merge(&of(&b));
            ba.merge(&of(&a));
            prop_assert_eq!(&ab, &ba);
            prop_assert_eq!(&ab, &of(&[a, b].concat()));
            prop_assert_eq!(ab.to_string().parse::<Histogram>(), Ok(ab));
        }
    }

    #[test]
    fn what_is_no_histogram_is_refused() {
        for text in ["", "1", "1:", ":1", "201:1", "1:-1", "1:1;2:2"] {
            assert_eq!(text.parse::<Histogram>(), Err(NotCounts), "{text}");
        }
        assert_eq!("-".parse(), Ok(Histogram::default()));
        assert_eq!(Histogram::default().percentile(0.5), None);
    }
}
