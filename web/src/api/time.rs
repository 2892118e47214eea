//! Moments and spans as people read them. No time zone data and no date crate, so that islands
//! can use it for a few hundred bytes.

use serde::{Deserialize, Serialize};

/// A moment: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(pub i64);

impl Time {
    /// `2026-03-01T12:30:05Z` (RFC 3339).
    #[must_use]
    pub fn rfc3339(self) -> String {
        let (date, clock) = self.parts();
        format!("{date}T{clock}Z")
    }

    /// `2026-03-01 12:30:05 UTC`, for people.
    #[must_use]
    pub fn long(self) -> String {
        let (date, clock) = self.parts();
        format!("{date} {clock} UTC")
    }

    /// `12:30:05`, UTC.
    #[must_use]
    pub fn clock(self) -> String {
        self.parts().1
    }

    /// `2026-03-01`, UTC.
    #[must_use]
    pub fn date(self) -> String {
        self.parts().0
    }

    /// `just now`, `3 min ago`, `in 42 days`: as seen from `now`.
    #[must_use]
    pub fn relative(self, now: Self) -> String {
        let seconds = (now.0 - self.0) / 1000;
        let far = seconds.unsigned_abs();
        let (count, unit) = match far {
            0..45 => return "just now".to_owned(),
            45..3_570 => ((far + 30) / 60, "min"),
            3_570..86_400 => ((far + 1_800) / 3_600, "h"),
            86_400..5_184_000 => ((far + 43_200) / 86_400, "day"),
            5_184_000..63_072_000 => ((far + 1_296_000) / 2_592_000, "month"),
            _ => (far / 31_536_000, "year"),
        };
        let plural = if count != 1 && matches!(unit, "day" | "month" | "year") { "s" } else { "" };
        if seconds >= 0 {
            format!("{count} {unit}{plural} ago")
        } else {
            format!("in {count} {unit}{plural}")
        }
    }

    /// `0.3 s`, `4 s`, `2 min 5 s`, `1 h 3 min`: from `self` to `end`.
    #[must_use]
    pub fn span(self, end: Self) -> String {
        let millis = (end.0 - self.0).max(0);
        let seconds = millis / 1000;
        match seconds {
            0 => format!("0.{} s", (millis / 100).max(1)),
            1..60 => format!("{seconds} s"),
            60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
            _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        }
    }

    /// Date and clock. Days to a civil date by eras of 400 years from 1 March 0000.
    fn parts(self) -> (String, String) {
        let seconds = self.0.div_euclid(1000);
        let days = seconds.div_euclid(86_400) + 719_468;
        let clock = seconds.rem_euclid(86_400);
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        (
            format!("{year:04}-{month:02}-{day:02}"),
            format!("{:02}:{:02}:{:02}", clock / 3_600, clock % 3_600 / 60, clock % 60),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Time;

    #[test]
    fn dates_are_right_at_the_edges() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_709_164_799_999, "2024-02-28T23:59:59Z"),
            (4_102_444_800_000, "2100-01-01T00:00:00Z"),
            (-1_000, "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(Time(millis).rfc3339(), text);
        }
    }

    #[test]
    fn relative_times_read_well() {
        let now = Time(1_000_000_000_000);
        for (ago, text) in [
            (0, "just now"),
            (60, "1 min ago"),
            (3_600, "1 h ago"),
            (86_400, "1 day ago"),
            (3 * 86_400, "3 days ago"),
            (-42 * 86_400, "in 42 days"),
            (70 * 86_400, "2 months ago"),
            (-14 * 86_400 + 5, "in 14 days"),
            (-90 * 86_400 + 5, "in 3 months"),
        ] {
            assert_eq!(Time(now.0 - ago * 1000).relative(now), text);
        }
    }

    #[test]
    fn spans_read_well() {
        assert_eq!(Time(0).span(Time(0)), "0.1 s");
        assert_eq!(Time(0).span(Time(950)), "0.9 s");
        assert_eq!(Time(0).span(Time(4_999)), "4 s");
        assert_eq!(Time(0).span(Time(125_000)), "2 min 5 s");
        assert_eq!(Time(0).span(Time(3_780_000)), "1 h 3 min");
    }
}
