//! Human units: durations, sizes and CPUs, read exactly and written back.
//!
//! All arithmetic is on integers, so `0.1` CPUs are 100,000,000 of a billion and nothing else.
//! To add a unit: a row in the table of its kind and a line in the tests.

/// Nanoseconds in a millisecond.
pub const MILLISECOND: i64 = 1_000_000;
/// Nanoseconds in a second.
pub const SECOND: i64 = 1_000 * MILLISECOND;
/// Nanoseconds in a minute.
pub const MINUTE: i64 = 60 * SECOND;
/// Nanoseconds in an hour.
pub const HOUR: i64 = 60 * MINUTE;
/// Bytes in a KiB.
pub const KIB: i64 = 1024;
/// Bytes in a MiB.
pub const MIB: i64 = 1024 * KIB;
/// Bytes in a GiB.
pub const GIB: i64 = 1024 * MIB;

const DURATIONS: [(&str, i64); 9] = [
    ("d", 24 * HOUR),
    ("h", HOUR),
    ("m", MINUTE),
    ("s", SECOND),
    ("ms", MILLISECOND),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ns", 1),
];

const SIZES: [(char, u32); 6] = [('b', 0), ('k', 1), ('m', 2), ('g', 3), ('t', 4), ('p', 5)];

/// What a duration looks like, for messages.
pub const DURATION_RULE: &str = "must be a duration like `500ms`, `5s`, `1m30s` or `2h`";
/// What a size looks like, for messages.
pub const SIZE_RULE: &str = "must be a size like `64m`, `1.5g` or `1048576`";
/// What a number of CPUs looks like, for messages.
pub const CPUS_RULE: &str = "must be a number of CPUs like `0.5` or `2`, with at most 9 decimals";

/// Reads a duration as Go writes it (`1h30m`, `1.5s`), and days (`d`); in nanoseconds.
/// None if it is no duration or does not fit.
#[must_use]
pub fn duration(text: &str) -> Option<i64> {
    if text == "0" {
        return Some(0);
    }
    let mut rest = text;
    let mut sum: i128 = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(end);
        let end = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let (_, scale) = DURATIONS.iter().find(|(name, _)| *name == unit)?;
        sum = sum.checked_add(scaled(number, i128::from(*scale), Rest::Cut)?)?;
        rest = tail;
    }
    (!text.is_empty()).then_some(())?;
    i64::try_from(sum).ok()
}

/// Reads a size: a number, at most one blank, a unit of `b k m g t p` (powers of 1024, any case,
/// `b` or `ib` may follow); in bytes. None if it is no size or does not fit.
#[must_use]
pub fn size(text: &str) -> Option<i64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.strip_prefix(' ').unwrap_or(unit).to_ascii_lowercase();
    let mut letters = unit.chars();
    let power = match letters.next() {
        None => 0,
        Some(first) => {
            let (_, power) = SIZES.iter().find(|(letter, _)| *letter == first)?;
            let tail = letters.as_str();
            let fits = tail.is_empty() || (first != 'b' && (tail == "b" || tail == "ib"));
            fits.then_some(*power)?
        }
    };
    i64::try_from(scaled(number, 1024_i128.pow(power), Rest::Cut)?).ok()
}

/// Reads a number of CPUs (`0.5`, `1/4`, `1e-1`); in billionths. None if it is none, has more than
/// 9 decimals, or does not fit.
#[must_use]
pub fn cpus(text: &str) -> Option<i64> {
    const BILLION: i128 = 1_000_000_000;
    if let Some((over, under)) = text.split_once('/') {
        let (over, under): (i128, i128) = (whole(over)?, whole(under)?);
        let nanos = over.checked_mul(BILLION)?;
        (under != 0 && nanos % under == 0).then_some(())?;
        return i64::try_from(nanos / under).ok();
    }
    let (number, power) = match text.split_once(['e', 'E']) {
        Some((number, power)) => (number, power.parse::<i32>().ok()?),
        None => (text, 0),
    };
    if !(-9..=9).contains(&power) {
        return None;
    }
    let up = 10_i128.pow(power.max(0).unsigned_abs());
    let down = 10_i128.pow(power.min(0).unsigned_abs());
    let nanos = scaled(number, BILLION * up, Rest::Refused)?;
    (nanos % down == 0).then_some(())?;
    i64::try_from(nanos / down).ok()
}

/// Writes a duration so that [`duration`] reads it back: `1m30s`.
#[must_use]
pub fn show_duration(nanos: i64) -> String {
    const PARTS: [(&str, i64); 6] =
        [("h", HOUR), ("m", MINUTE), ("s", SECOND), ("ms", MILLISECOND), ("us", 1_000), ("ns", 1)];
    let mut text = String::new();
    let mut left = nanos;
    for (name, scale) in PARTS {
        if left >= scale {
            text.push_str(&format!("{}{name}", left / scale));
            left %= scale;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// Writes a size in the largest whole unit: `64m`.
#[must_use]
pub fn show_size(bytes: i64) -> String {
    let mut left = bytes;
    let mut unit = 0;
    while left != 0 && left % 1024 == 0 && unit + 1 < SIZES.len() {
        left /= 1024;
        unit += 1;
    }
    if unit == 0 { left.to_string() } else { format!("{left}{}", SIZES[unit].0) }
}

/// Writes a number of CPUs: `0.5`.
#[must_use]
pub fn show_cpus(nanos: i64) -> String {
    let text = format!("{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What happens to digits that are finer than the unit.
#[derive(Clone, Copy, PartialEq)]
enum Rest {
    Cut,
    Refused,
}

/// `number * scale` without floating point.
fn scaled(number: &str, scale: i128, rest: Rest) -> Option<i128> {
    let (before, after) = number.split_once('.').unwrap_or((number, ""));
    if (before.is_empty() && after.is_empty()) || after.len() > 18 {
        return None;
    }
    let high = if before.is_empty() { 0 } else { whole(before)? };
    let low = if after.is_empty() { 0 } else { whole(after)? };
    let parts = 10_i128.pow(u32::try_from(after.len()).ok()?);
    let fine = low.checked_mul(scale)?;
    if rest == Rest::Refused && fine % parts != 0 {
        return None;
    }
    high.checked_mul(scale)?.checked_add(fine / parts)
}

fn whole(digits: &str) -> Option<i128> {
    (digits.len() <= 19 && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then_some(())?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations() {
        for (text, nanos) in [
            ("0", 0),
            ("0s", 0),
            ("500ms", 500 * MILLISECOND),
            ("1m30s", 90 * SECOND),
            ("1.5s", 1500 * MILLISECOND),
            (".5s", 500 * MILLISECOND),
            ("2h45m", 165 * MINUTE),
            ("1d", 24 * HOUR),
            ("7us", 7_000),
            ("7µs", 7_000),
        ] {
            assert_eq!(duration(text), Some(nanos), "{text}");
        }
        for text in ["", "5", "s", "-1s", "5 s", "5x", "1s2", "1..5s", ".s", "9999999999h", "1e3s", "５s"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("1048576", MIB),
            ("64m", 64 * MIB),
            ("64M", 64 * MIB),
            ("64mb", 64 * MIB),
            ("64MiB", 64 * MIB),
            ("1.5g", 1536 * MIB),
            ("1 k", KIB),
            ("5b", 5),
            ("0", 0),
        ] {
            assert_eq!(size(text), Some(bytes), "{text}");
        }
        for text in ["", "m", "-1m", "64x", "64mbb", "64bb", "1  k", "64 m ", "8000000p", "1,5g"] {
            assert_eq!(size(text), None, "{text}");
        }
    }

    #[test]
    fn cpu_counts() {
        for (text, nanos) in [
            ("0.5", 500_000_000),
            ("2", 2_000_000_000),
            ("1/4", 250_000_000),
            ("1e-1", 100_000_000),
            (".000000001", 1),
        ] {
            assert_eq!(cpus(text), Some(nanos), "{text}");
        }
        for text in ["", "-1", "0.0000000001", "1/3", "1/0", "half", "1e99", "1e", "٣"] {
            assert_eq!(cpus(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn durations_come_back(nanos in 0..i64::MAX) {
            prop_assert_eq!(duration(&show_duration(nanos)), Some(nanos));
        }

        #[test]
        fn sizes_come_back(bytes in 0..i64::MAX) {
            prop_assert_eq!(size(&show_size(bytes)), Some(bytes));
        }

        #[test]
        fn cpus_come_back(nanos in 0..1_000_000_000_000_000_i64) {
            prop_assert_eq!(cpus(&show_cpus(nanos)), Some(nanos));
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = (duration(&text), size(&text), cpus(&text));
        }
    }
}
