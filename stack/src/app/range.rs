//! The ranges of numbers, durations and sizes, each checked in one place. To add one: a constant
//! beside the setting it bounds, checked by a method here.

use crate::{fault::Faults, units};

/// The smallest and the largest value that a setting takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Range {
    pub(crate) least: i64,
    pub(crate) most: i64,
}

impl Range {
    pub(crate) const fn new(least: i64, most: i64) -> Self {
        Self { least, most }
    }

    pub(crate) fn holds(self, value: i64) -> bool {
        (self.least..=self.most).contains(&value)
    }

    /// A count.
    pub(crate) fn count(self, path: &str, value: Option<i64>, faults: &mut Faults) -> Option<i64> {
        let value = value?;
        faults.unless(
            self.holds(value),
            path,
            "out_of_range",
            format!("must be from {} to {}", self.least, self.most),
        );
        Some(value)
    }

    /// A duration; nanoseconds.
    pub(crate) fn duration(self, path: &str, text: Option<&str>, faults: &mut Faults) -> Option<i64> {
        let Some(value) = units::duration(text?) else {
            faults.add(path, "invalid_duration", units::DURATION_RULE);
            return None;
        };
        let (least, most) = (units::show_duration(self.least), units::show_duration(self.most));
        faults.unless(self.holds(value), path, "out_of_range", format!("must be from {least} to {most}"));
        Some(value)
    }

    /// A size; bytes.
    pub(crate) fn size(self, path: &str, text: Option<&str>, faults: &mut Faults) -> Option<i64> {
        let Some(value) = units::size(text?) else {
            faults.add(path, "invalid_size", units::SIZE_RULE);
            return None;
        };
        let (least, most) = (units::show_size(self.least), units::show_size(self.most));
        faults.unless(self.holds(value), path, "out_of_range", format!("must be from {least} to {most}"));
        Some(value)
    }

    /// A number of CPUs; billionths.
    pub(crate) fn cpus(self, path: &str, text: Option<&str>, faults: &mut Faults) -> Option<i64> {
        let Some(value) = units::cpus(text?) else {
            faults.add(path, "invalid_cpus", units::CPUS_RULE);
            return None;
        };
        let (least, most) = (units::show_cpus(self.least), units::show_cpus(self.most));
        faults.unless(self.holds(value), path, "out_of_range", format!("must be from {least} to {most}"));
        Some(value)
    }
}
