//! What a CA bears: how many orders in which time. Pure: the caller gives what was ordered lately, in
//! the transaction that also writes the new order down, so that all replicas together keep to it.
//!
//! To add a limit: a field of [`Limits`] and [`Recent`], a [`Limit`], its line in [`room`], its query
//! in `db/certificate_order.rs`, and its twin in the CA of the year (`year.rs`).

use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::Directory;
use crate::domain::clock::Time;

/// Orders of one account are counted over so long.
pub const ORDERS_WITHIN: Duration = Duration::hours(3);
/// Certificates of one registered domain, and those of the same host.
pub const CERTIFICATES_WITHIN: Duration = Duration::days(7);
/// Failed validations of one host.
pub const FAILURES_WITHIN: Duration = Duration::hours(1);
/// An order that nobody ended is counted as one on its way for so long: its server died.
pub const ON_ITS_WAY: Duration = Duration::minutes(10);
/// The CA's clock may be behind ours, and its count is made when our order arrives.
const MARGIN: Duration = Duration::minutes(1);
/// Until somebody else's order is done.
const TURN: Duration = Duration::seconds(10);

/// What a directory bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// New orders of our account within 3 hours.
    pub orders: u32,
    /// Certificates for the hosts of one registered domain within 7 days; renewals in the CA's own
    /// window do not count.
    pub domain: u32,
    /// Certificates for the same host within 7 days; renewals in the CA's own window do not count.
    pub same: u32,
    /// Failed validations of one host within an hour.
    pub failures: u32,
    /// Orders on their way at the same time.
    pub at_once: u32,
}

impl Limits {
    /// Those of Let's Encrypt, as it publishes them.
    pub const LETSENCRYPT: Self = Self { orders: 300, domain: 50, same: 5, failures: 5, at_once: 20 };
    /// Those of a CA that publishes none: enough for thousands of hosts, and no flood.
    pub const OTHERS: Self = Self { orders: 1500, domain: 1000, same: 30, failures: 5, at_once: 20 };

    /// What is known of a directory.
    #[must_use]
    pub fn of(directory: &str) -> Self {
        if directory == Directory::LETSENCRYPT { Self::LETSENCRYPT } else { Self::OTHERS }
    }
}

/// What was ordered lately at one directory, as far as it concerns one host. All times ascend.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recent {
    /// Orders of the account.
    pub orders: Vec<Time>,
    /// Of these, certificates that came or may come, for hosts of the same registered domain, but those
    /// that were exempt.
    pub domain: Vec<Time>,
    /// The same for this host alone.
    pub same: Vec<Time>,
    /// Failed validations of the host.
    pub failures: Vec<Time>,
    /// Orders on their way.
    pub running: u32,
}

/// What an order is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// A host without a certificate that counts.
    First,
    /// The next certificate for a host that has one.
    Renewal,
    /// The same within the CA's own window, which it does not count per domain and host (RFC 9773, 5).
    InWindow,
}

/// One of the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// [`Limits::orders`].
    Orders,
    /// [`Limits::domain`].
    Domain,
    /// [`Limits::same`].
    Same,
    /// [`Limits::failures`].
    Failures,
    /// [`Limits::at_once`].
    AtOnce,
}

/// No order now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// Because of this limit.
    pub limit: Limit,
    /// Until then.
    pub until: Time,
    /// One more order is borne about every so often.
    pub pace: Duration,
}

impl Spent {
    /// For people.
    #[must_use]
    pub fn words(&self, limits: &Limits, registered: &str) -> String {
        match self.limit {
            Limit::Orders => format!("{} orders in 3 hours are placed already", limits.orders),
            Limit::Domain => {
                format!("{} certificates in 7 days for {registered} are ordered already", limits.domain)
            }
            Limit::Same => {
                format!("{} certificates in 7 days for this host are ordered already", limits.same)
            }
            Limit::Failures => format!("the host failed {} validations within an hour", limits.failures),
            Limit::AtOnce => format!("{} orders are on their way", limits.at_once),
        }
    }

    /// What stands in line together, as it is kept with a certificate that waits.
    #[must_use]
    pub fn line(&self, directory: &str, registered: &str, host: &str) -> String {
        match self.limit {
            Limit::Orders | Limit::AtOnce => format!("orders@{directory}"),
            Limit::Domain => format!("{registered}@{directory}"),
            Limit::Same | Limit::Failures => format!("{host}@{directory}"),
        }
    }
}

/// Whether there is room for one more order.
///
/// # Errors
/// What there is no room in, and until when: of several the longest wait.
pub fn room(limits: &Limits, recent: &Recent, want: Want, now: Time) -> Result<(), Spent> {
    // Hosts that have a certificate keep a fifth of the orders for themselves: thousands of new ones
    // never hold a renewal up.
    let orders = if want == Want::First { limits.orders - limits.orders / 5 } else { limits.orders };
    let mut spent = [
        over(&recent.orders, orders, ORDERS_WITHIN, Limit::Orders, now),
        over(&recent.failures, limits.failures, FAILURES_WITHIN, Limit::Failures, now),
    ]
    .to_vec();
    if want != Want::InWindow {
        spent.push(over(&recent.domain, limits.domain, CERTIFICATES_WITHIN, Limit::Domain, now));
        spent.push(over(&recent.same, limits.same, CERTIFICATES_WITHIN, Limit::Same, now));
    }
    if recent.running >= limits.at_once {
        spent.push(Some(Spent { limit: Limit::AtOnce, until: now + TURN, pace: Duration::seconds(1) }));
    }
    spent.into_iter().flatten().max_by_key(|spent| spent.until).map_or(Ok(()), Err)
}

/// What of `times` still counts; no more than `most`, or when the one leaves that is one too many.
fn over(times: &[Time], most: u32, within: Duration, limit: Limit, now: Time) -> Option<Spent> {
    let from = now - within - MARGIN;
    let counted = &times[times.partition_point(|at| *at <= from)..];
    let most = usize::try_from(most.max(1)).unwrap_or(usize::MAX);
    let first = counted.get(counted.len().checked_sub(most)?)?;
    let pace = within / i32::try_from(most).unwrap_or(i32::MAX);
    Some(Spent { limit, until: *first + within + MARGIN + Duration::seconds(1), pace })
}

/// When one that finds no room tries again: behind the `last` in its line, so that thousands do not
/// come again at the same moment for one place. One that has stood in line, and one that has a
/// certificate to keep, come when the next place is free. `random` spreads within one turn.
#[must_use]
pub fn turn(spent: &Spent, last: Option<Time>, stood: bool, want: Want, random: u64) -> Time {
    let seconds = u64::try_from(spent.pace.num_seconds()).unwrap_or(0).max(1);
    let spread = Duration::seconds(i64::try_from(random % seconds).unwrap_or(0));
    match last {
        _ if spent.limit == Limit::AtOnce => spent.until,
        Some(last) if !stood && want == Want::First && last >= spent.until => last + spent.pace,
        _ => spent.until + spread,
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn now() -> Time {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    /// So many, a minute apart, the last one a minute ago.
    fn times(count: i32) -> Vec<Time> {
        (1..=count).rev().map(|minute| now() - Duration::minutes(1) * minute).collect()
    }

    const LIMITS: Limits = Limits { orders: 10, domain: 4, same: 2, failures: 2, at_once: 3 };

    fn spent(recent: &Recent, want: Want) -> Option<(Limit, i64)> {
        room(&LIMITS, recent, want, now()).err().map(|s| (s.limit, (s.until - now()).num_minutes()))
    }

    #[test]
    fn each_limit_says_when_it_has_room_again() {
        assert_eq!(spent(&Recent::default(), Want::First), None);
        let orders = |count| Recent { orders: times(count), ..Recent::default() };
        assert_eq!(spent(&orders(7), Want::First), None);
        assert_eq!(spent(&orders(8), Want::First), Some((Limit::Orders, 180 + 1 - 8)), "a fifth is kept");
        assert_eq!(spent(&orders(9), Want::Renewal), None);
        assert_eq!(spent(&orders(10), Want::InWindow), Some((Limit::Orders, 180 + 1 - 10)));
        assert_eq!(
            spent(&orders(12), Want::Renewal),
            Some((Limit::Orders, 180 + 1 - 10)),
            "the last ten count"
        );
        let domain = Recent { domain: times(4), ..Recent::default() };
        assert_eq!(spent(&domain, Want::First), Some((Limit::Domain, 7 * 1440 + 1 - 4)));
        assert_eq!(spent(&domain, Want::InWindow), None, "the CA's own window is exempt");
        let same = Recent { same: times(2), ..Recent::default() };
        assert_eq!(spent(&same, Want::Renewal), Some((Limit::Same, 7 * 1440 + 1 - 2)));
        let failures = Recent { failures: times(2), ..Recent::default() };
        assert_eq!(spent(&failures, Want::InWindow), Some((Limit::Failures, 61 - 2)));
        let running = Recent { running: 3, ..Recent::default() };
        assert_eq!(spent(&running, Want::First), Some((Limit::AtOnce, 0)));
        let both = Recent { same: times(2), ..failures };
        assert_eq!(spent(&both, Want::First).unwrap().0, Limit::Same, "the longest wait counts");
    }

    #[test]
    fn what_is_past_counts_no_longer() {
        let old = |hours| vec![now() - Duration::hours(hours); 20];
        let recent =
            Recent { orders: old(4), domain: old(169), same: old(169), failures: old(2), running: 0 };
        assert_eq!(spent(&recent, Want::First), None);
    }

    #[test]
    fn those_without_room_stand_in_line() {
        let full = room(&LIMITS, &Recent { orders: times(10), ..Recent::default() }, Want::First, now());
        let full = full.unwrap_err();
        let mut last = None;
        let mut turns = Vec::new();
        for _ in 0..50 {
            let at = turn(&full, last, false, Want::First, 7);
            turns.push(at);
            last = last.max(Some(at));
        }
        assert!(turns.windows(2).all(|two| two[1] - two[0] == full.pace), "one after the other");
        assert!(turns[0] >= full.until);
        // Who has stood in line, and who has something to lose, goes to its head.
        assert!(turn(&full, last, true, Want::First, 1) < turns[1]);
        assert!(turn(&full, last, false, Want::Renewal, 1) < turns[1]);
    }

    #[test]
    fn limits_are_those_that_are_published() {
        assert_eq!(Limits::of(Directory::LETSENCRYPT).orders, 300);
        assert_eq!(Limits::of("https://ca.example.org/dir"), Limits::OTHERS);
    }
}
