//! What a try comes to, written into the certificate's row: when it is looked at next, and why. Pure:
//! jobs and the year of the tests (`year.rs`) do the same by these functions.

use chrono::Duration;

use super::{
    AcmeError, Directory,
    budget::{Spent, Want},
    renewal::Window,
    schedule::{ask_again, backoff, longest_wait, renew_about, renew_at, within},
};
use crate::domain::{
    certificate::{Certificate, Plan, State},
    clock::Time,
};

/// What is to be done for a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Nothing, before its next time.
    Nothing,
    /// Its CA is asked when it would like to renew.
    Ask,
    /// An order.
    Order(Want),
}

/// What is to be done at `now`.
#[must_use]
pub fn due(row: &Certificate, now: Time) -> Due {
    if row.next_try_at > now {
        return Due::Nothing;
    }
    if !row.is_valid(now) {
        return Due::Order(Want::First);
    }
    let renews = row.plan.renew_at.or_else(|| Some(renew_at(row.not_before?, row.not_after?)));
    if row.plan.forced {
        Due::Order(Want::Renewal)
    } else if renews.is_some_and(|at| at > now) {
        Due::Ask
    } else if row.plan.ask_at.is_some() {
        Due::Order(Want::InWindow)
    } else {
        Due::Order(Want::Renewal)
    }
}

/// What came, as far as the row says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gained {
    /// From which directory.
    pub directory: Directory,
    /// Valid from.
    pub not_before: Time,
    /// Valid until.
    pub not_after: Time,
    /// Who signed it.
    pub issuer: String,
}

/// There is a new certificate. Chain and key are the caller's to put in.
pub fn issued(row: &mut Certificate, gained: Gained, window: Option<&Window>, random: u64, now: Time) {
    row.state = State::Issued;
    (row.reason, row.failures, row.checks) = (None, 0, 0);
    gained.directory.as_str().clone_into(&mut row.directory);
    (row.not_before, row.not_after) = (Some(gained.not_before), Some(gained.not_after));
    row.plan = Plan { issuer: Some(gained.issuer), chosen: row.plan.chosen.take(), ..Plan::default() };
    asked(row, Ok(window), random, now);
}

/// The CA was asked when it would like to renew: it said so, it never does, or it did not answer.
pub fn asked(row: &mut Certificate, said: Result<Option<&Window>, ()>, random: u64, now: Time) {
    let (Some(from), Some(until)) = (row.not_before, row.not_after) else { return };
    let known = row.plan.renew_at;
    let (renew, ask) = match said {
        Ok(Some(window)) => {
            row.plan.explanation.clone_from(&window.explanation);
            let kept = known.filter(|at| window.start <= *at && *at <= window.end);
            let at = kept.unwrap_or_else(|| within(window.start, window.end, random).max(now));
            // A window so late that nothing could go wrong any more is not waited for.
            (at.min(until - (until - from) / 6), Some(ask_again(window.retry_after, now)))
        }
        Ok(None) => (known.unwrap_or_else(|| renew_about(from, until, random)), None),
        Err(()) => {
            let at = known.unwrap_or_else(|| renew_about(from, until, random));
            (at, Some(ask_again(None, now)))
        }
    };
    (row.plan.renew_at, row.plan.ask_at) = (Some(renew), ask);
    row.next_try_at = ask.map_or(renew, |ask| ask.min(renew));
}

/// An order is on its way.
pub fn ordering(row: &mut Certificate, directory: &Directory, now: Time) {
    row.state = State::Ordering;
    row.plan.waits_for = None;
    row.checks = 0;
    row.tried_at = Some(now);
    // What we have keeps the name of who gave it until there is another.
    if !row.is_valid(now) {
        directory.as_str().clone_into(&mut row.directory);
    }
    // Whoever finds it then finds that its server died.
    row.next_try_at = now + super::budget::ON_ITS_WAY;
}

/// The order failed. `over`: the next of `directories` takes its turn. `foreseen`: we had seen it
/// coming, and look on: that costs the CA nothing.
pub fn failed(
    row: &mut Certificate,
    error: &AcmeError,
    over: bool,
    directories: usize,
    foreseen: bool,
    now: Time,
) {
    row.failures += 1;
    row.state = State::Failed;
    row.reason = Some(error.to_string());
    row.plan.fault = Some(error.kind.name().to_owned());
    row.plan.problem.clone_from(&error.problem);
    let fresh = over && usize::try_from(row.plan.passed + 1).is_ok_and(|passed| passed < directories);
    if over {
        row.plan.passed += 1;
    }
    let soon = fresh || foreseen && error.kind.failed_validation();
    let count = if soon { 1 } else { u32::try_from(row.failures).unwrap_or(u32::MAX) };
    let longest = longest_wait(row.lifetime().filter(|_| row.is_valid(now)));
    let ours = backoff(count, None, now).min(now + longest);
    let asked = if fresh { None } else { error.retry_after };
    row.next_try_at = ours.max(asked.map_or(now, |at| at.min(now + Duration::days(7))));
}

/// There is no room for an order before `until`.
pub fn waits(row: &mut Certificate, spent: &Spent, why: String, line: String, until: Time) {
    row.next_try_at = until;
    if spent.limit != super::budget::Limit::AtOnce {
        row.state = State::PendingBudget;
        row.reason = Some(why);
        row.plan.fault = Some("budget".to_owned());
        row.plan.problem = None;
        row.plan.waits_for = Some(line);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::{
        acme::{Kind, budget::Limit},
        domain::{clock::MockClock, host_pattern::HostPattern, id::CertificateId},
    };

    fn now() -> Time {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    /// A row, with a certificate for this time or with none.
    pub fn row(valid: Option<(Time, Time)>) -> Certificate {
        Certificate {
            id: CertificateId::new(&MockClock::at(now())),
            kind: Default::default(),
            challenge: Default::default(),
            host: HostPattern::parse("shop.example.org").unwrap(),
            directory: Directory::LETSENCRYPT.to_owned(),
            state: if valid.is_some() { State::Issued } else { State::Pending },
            reason: None,
            chain: valid.map(|_| "chain".to_owned()),
            sealed_key: None,
            not_before: valid.map(|(from, _)| from),
            not_after: valid.map(|(_, until)| until),
            tried_at: None,
            next_try_at: now(),
            failures: 0,
            checks: 0,
            plan: Plan::default(),
        }
    }

    fn gained(days: i64) -> Gained {
        Gained {
            directory: Directory::parse("https://b.example.org/dir").unwrap(),
            not_before: now(),
            not_after: now() + Duration::days(days),
            issuer: "CN=B".to_owned(),
        }
    }

    fn window(from: i64, until: i64) -> Window {
        let (start, end) = (now() + Duration::days(from), now() + Duration::days(until));
        Window { start, end, explanation: None, retry_after: Some(now() + Duration::hours(6)) }
    }

    fn fresh(days: i64, said: Option<&Window>) -> Certificate {
        let mut row = row(None);
        (row.chain, row.failures, row.plan.passed) = (Some("chain".to_owned()), 3, 1);
        issued(&mut row, gained(days), said, 12345, now());
        row
    }

    #[test]
    fn a_new_one_is_renewed_in_its_cas_window_or_with_a_third_left() {
        let plain = fresh(90, None);
        assert_eq!((plain.state, plain.failures, plain.plan.passed), (State::Issued, 0, 0));
        assert_eq!(plain.directory, "https://b.example.org/dir");
        let days = (plain.next_try_at - now()).num_days();
        assert!((52..=60).contains(&days), "{days}");
        assert_eq!(due(&plain, plain.next_try_at), Due::Order(Want::Renewal));

        let mut told = fresh(90, Some(&window(40, 41)));
        assert_eq!(told.next_try_at, now() + Duration::hours(6), "it is asked again before");
        assert_eq!(due(&told, told.next_try_at), Due::Ask);
        let at = told.plan.renew_at.unwrap();
        assert!(now() + Duration::days(40) <= at && at <= now() + Duration::days(41));
        // The same window again leaves the time; one in the past means now.
        asked(&mut told, Ok(Some(&window(40, 41))), 999, now());
        assert_eq!(told.plan.renew_at, Some(at));
        asked(&mut told, Ok(Some(&window(-2, -1))), 999, now());
        assert_eq!(due(&told, now()), Due::Order(Want::InWindow));
        // One that does not answer changes nothing, and is asked again.
        asked(&mut told, Err(()), 999, now());
        assert!(told.plan.ask_at.is_some());
        // One behind the end is not waited for.
        asked(&mut told, Ok(Some(&window(95, 96))), 999, now());
        assert_eq!(told.plan.renew_at, Some(now() + Duration::days(75)));
    }

    #[test]
    fn six_days_need_nothing_special() {
        let mut short = fresh(6, None);
        assert!((80..=96).contains(&(short.next_try_at - now()).num_hours()));
        let at = short.next_try_at;
        let error = AcmeError::new(Kind::Unreachable, "down");
        let mut tries = 0;
        while short.next_try_at < short.not_after.unwrap() {
            let now = short.next_try_at;
            assert_eq!(due(&short, now), Due::Order(Want::Renewal));
            failed(&mut short, &error, false, 1, false, now);
            tries += 1;
        }
        assert!(tries > 15 && at < short.next_try_at, "{tries} tries before it ends");
    }

    #[test]
    fn whoever_is_asked_for_a_new_one_gets_it() {
        let mut row = fresh(90, Some(&window(40, 41)));
        (row.plan.forced, row.next_try_at) = (true, now());
        assert_eq!(due(&row, now()), Due::Order(Want::Renewal), "the CA's window is not now");
        ordering(&mut row, &Directory::parse("staging").unwrap(), now());
        assert_eq!((row.state, row.directory.as_str()), (State::Ordering, "https://b.example.org/dir"));
        assert_eq!(due(&row, now()), Due::Nothing);
        assert_eq!(due(&row, row.next_try_at), Due::Order(Want::Renewal), "its server died");
    }

    #[test]
    fn a_ca_in_trouble_gives_way_once_around() {
        let mut row = row(None);
        let error = AcmeError {
            retry_after: Some(now() + Duration::days(2)),
            ..AcmeError::new(Kind::RateLimited, "")
        };
        row.failures = 5;
        failed(&mut row, &error, true, 2, false, now());
        assert_eq!(
            (row.plan.passed, (row.next_try_at - now()).num_minutes()),
            (1, 2),
            "the next CA was not asked yet"
        );
        failed(&mut row, &error, true, 2, false, now());
        assert_eq!((row.plan.passed, row.next_try_at), (2, now() + Duration::days(2)));
    }

    #[test]
    fn without_room_it_says_until_when() {
        let mut row = row(None);
        let until = now() + Duration::hours(2);
        let spent = |limit| Spent { limit, until, pace: Duration::seconds(36) };
        waits(&mut row, &spent(Limit::AtOnce), String::new(), String::new(), until);
        assert_eq!(
            (row.state, row.next_try_at),
            (State::Pending, until),
            "its turn is in seconds: nothing to tell"
        );
        waits(&mut row, &spent(Limit::Orders), "300 orders".into(), "orders@a".into(), until);
        assert_eq!((row.state, row.plan.waits_for.as_deref()), (State::PendingBudget, Some("orders@a")));
    }
}
