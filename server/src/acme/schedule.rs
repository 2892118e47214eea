//! When to ask a CA, and when not yet: pure, the caller keeps the times in SQL.

use chrono::Duration;

use crate::domain::clock::Time;

/// Longest wait between two tries of our own.
const LONGEST: Duration = Duration::hours(12);
/// Longest wait that a CA may ask for; Let's Encrypt's longest window is a week.
const LONGEST_ASKED: Duration = Duration::days(7);
/// Failed validations of one host in an hour that a CA bears (Let's Encrypt's limit).
const FAILURES: usize = 5;

/// The next try after `failures` in a row: 2 minutes after the first, twice as long each time, at
/// most 12 hours, and never before the CA's own `retry_after` (up to a week of it).
#[must_use]
pub fn backoff(failures: u32, retry_after: Option<Time>, now: Time) -> Time {
    let doubled = Duration::minutes(2) * 2_i32.pow(failures.saturating_sub(1).min(12));
    let ours = now + doubled.min(LONGEST);
    let asked = retry_after.map_or(now, |at| at.min(now + LONGEST_ASKED));
    ours.max(asked)
}

/// The wait after so many looks at our own answer that failed in a row: 2 seconds after the first,
/// twice as long each time, at most a minute.
#[must_use]
pub fn check_wait(checks: u32) -> Duration {
    (Duration::seconds(2) * 2_i32.pow(checks.saturating_sub(1).min(5))).min(Duration::minutes(1))
}

/// Failed looks before an order is placed all the same: what we see of ourselves is no proof. About
/// three minutes of them, an hour where the DNS says that the name is not ours (`dns`), and as much
/// more as the CA is spared after `failures` orders.
#[must_use]
pub fn patience(failures: u32, dns: bool) -> u32 {
    let first = if dns { 60 } else { 8 };
    let spared = if failures == 0 {
        Duration::zero()
    } else {
        backoff(failures, None, Time::UNIX_EPOCH) - Time::UNIX_EPOCH
    };
    first + u32::try_from(spared.num_minutes()).unwrap_or(0)
}

/// The longest wait between two tries for a certificate that lives so long: half a day for 90 days, a
/// few hours for six, so that a third of any lifetime holds a dozen tries.
#[must_use]
pub fn longest_wait(lifetime: Option<Duration>) -> Duration {
    lifetime.map_or(LONGEST, |lifetime| (lifetime / 36).clamp(Duration::minutes(10), LONGEST))
}

/// When to renew without a word of the CA: with a third of the lifetime left, or up to a twelfth
/// earlier by `random`, so that thousands of one day do not come due on one day.
#[must_use]
pub fn renew_about(not_before: Time, not_after: Time, random: u64) -> Time {
    let last = renew_at(not_before, not_after);
    within(last - (not_after - not_before) / 12, last, random)
}

/// A moment from `start` until `end`; `start` if that is no span.
#[must_use]
pub fn within(start: Time, end: Time, random: u64) -> Time {
    let span = u64::try_from((end - start).num_seconds()).unwrap_or(0);
    let seconds = random.checked_rem(span).and_then(|seconds| i64::try_from(seconds).ok());
    start + Duration::seconds(seconds.unwrap_or(0))
}

/// When a CA is asked again for its window (RFC 9773, 4.3): as it says, within a minute and a day; in
/// six hours if it says nothing.
#[must_use]
pub fn ask_again(retry_after: Option<Time>, now: Time) -> Time {
    let asked = retry_after.unwrap_or(now + Duration::hours(6));
    asked.clamp(now + Duration::minutes(1), now + Duration::days(1))
}

/// Whether so little of a lifetime is left that people should know: a sixth, which is 15 days of 90
/// and one day of six.
#[must_use]
pub fn expires_soon(not_before: Time, not_after: Time, now: Time) -> bool {
    now > not_after - (not_after - not_before) / 6
}

/// When to renew: with a third of the lifetime left.
#[must_use]
pub fn renew_at(not_before: Time, not_after: Time) -> Time {
    not_after - (not_after - not_before) / 3
}

/// Whether a host may be validated once more: at most five failed validations in any hour.
///
/// # Errors
/// When it may be.
pub fn may_validate(failed: &[Time], now: Time) -> Result<(), Time> {
    let hour = Duration::hours(1);
    let mut recent: Vec<Time> = failed.iter().copied().filter(|at| *at + hour > now).collect();
    recent.sort_unstable();
    match recent.len().checked_sub(FAILURES) {
        None => Ok(()),
        Some(over) => Err(recent[over] + hour),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn now() -> Time {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    #[test]
    fn waits_grow_and_end_at_half_a_day() {
        let minutes = |failures| (backoff(failures, None, now()) - now()).num_minutes();
        assert_eq!([1, 2, 3, 4, 5, 6].map(minutes), [2, 4, 8, 16, 32, 64]);
        assert_eq!([9, 10, 100, u32::MAX].map(minutes), [512, 720, 720, 720]);
        assert_eq!(minutes(0), 2, "asked without a failure it still waits");
    }

    #[test]
    fn looks_at_ourselves_are_seconds_apart_and_end_in_an_order() {
        let seconds = |checks| check_wait(checks).num_seconds();
        assert_eq!([0, 1, 2, 3, 4, 5, 6, 7, u32::MAX].map(seconds), [2, 2, 4, 8, 16, 32, 60, 60, 60]);
        let waited = |dns| (1..=patience(0, dns)).map(check_wait).sum::<Duration>().num_minutes();
        assert_eq!((waited(false), waited(true)), (4, 56));
    }

    #[test]
    fn orders_without_hope_keep_to_five_failures_an_hour() {
        let (mut at, mut orders) = (now(), Vec::new());
        for failures in 0..12 {
            at += (1..=patience(failures, false)).map(check_wait).sum::<Duration>();
            assert_eq!(may_validate(&orders, at), Ok(()), "order {failures}");
            orders.push(at);
        }
        assert!(patience(100, true) < 1000, "half a day at most");
    }

    #[test]
    fn the_ca_is_obeyed_within_reason() {
        let asked = now() + Duration::days(3);
        assert_eq!(backoff(1, Some(asked), now()), asked);
        assert_eq!(backoff(1, Some(now() - Duration::days(1)), now()), now() + Duration::minutes(2));
        assert_eq!(backoff(1, Some(Time::MAX_UTC), now()), now() + Duration::days(7));
    }

    #[test]
    fn renewal_leaves_a_third() {
        assert_eq!(renew_at(now(), now() + Duration::days(90)), now() + Duration::days(60));
        assert_eq!(renew_at(now(), now() + Duration::hours(144)), now() + Duration::hours(96));
    }

    #[test]
    fn all_distances_scale_with_the_lifetime() {
        let hours = |days| longest_wait(Some(Duration::days(days))).num_hours();
        assert_eq!([90, 45, 6].map(hours), [12, 12, 4]);
        assert_eq!(longest_wait(None), Duration::hours(12));
        for days in [90, 45, 6] {
            let end = now() + Duration::days(days);
            let about: Vec<Time> = (0..1000).map(|n| renew_about(now(), end, n * 7_919_317)).collect();
            let (first, last) = (about.iter().min().unwrap(), about.iter().max().unwrap());
            assert!(
                *last < renew_at(now(), end) && *first >= renew_at(now(), end) - Duration::days(days) / 12
            );
            assert!(*last - *first > Duration::days(days) / 15, "they are spread");
            let soon = end - Duration::days(days) / 6;
            assert!(!expires_soon(now(), end, soon) && expires_soon(now(), end, soon + Duration::seconds(1)));
        }
        assert_eq!(within(now(), now() - Duration::days(1), 5), now());
    }

    #[test]
    fn a_ca_is_asked_for_its_window_within_reason() {
        let again = |wait| (ask_again(Some(now() + wait), now()) - now()).num_minutes();
        assert_eq!(again(Duration::seconds(-5)), 1);
        assert_eq!(again(Duration::hours(6)), 360);
        assert_eq!(again(Duration::days(40)), 1440);
        assert_eq!((ask_again(None, now()) - now()).num_hours(), 6);
    }

    #[test]
    fn a_sixth_failure_within_the_hour_waits() {
        let at = |minute| now() - Duration::minutes(minute);
        assert_eq!(may_validate(&[at(1), at(2), at(3), at(4), at(61)], now()), Ok(()));
        let wait = may_validate(&[at(5), at(50), at(1), at(2), at(3)], now());
        assert_eq!(wait, Err(at(50) + Duration::hours(1)));
        let wait = may_validate(&[at(59), at(50), at(5), at(1), at(2), at(3)], now());
        assert_eq!(wait, Err(at(50) + Duration::hours(1)), "one leaving the hour is not enough");
    }

    #[test]
    fn waiting_alone_keeps_to_five_failures_an_hour() {
        let (mut at, mut tries) = (now(), Vec::new());
        for failures in 1..12 {
            assert_eq!(may_validate(&tries, at), Ok(()), "try {failures}");
            tries.push(at);
            at = backoff(failures, None, at);
        }
    }
}
