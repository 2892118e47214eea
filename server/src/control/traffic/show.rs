//! The requests for an app over a time, in steps.

use std::collections::BTreeMap;

use super::missing;
use crate::{
    control::{Ctx, Error},
    db::{self, traffic::Gap},
    domain::{
        domain_name::Domain,
        fault::Wrong,
        id::{AppId, DomainId},
        right::Right,
        traffic::{Counts, Entry, SPANS, Summary, span_at},
    },
};

/// Steps at most.
const STEPS: i64 = 2_000;
/// Steps that are chosen if none is asked for, at most.
const FIT: i64 = 180;
/// If no time is asked for: the last hour, seconds.
const LAST: i64 = 3_600;
/// Steps to choose from, seconds.
const CHOICE: [i64; 8] = [10, 60, 300, 900, 3_600, 21_600, 86_400, 7 * 86_400];

/// Which time, and how finely; seconds, since 1970.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    /// From when; an hour before `until` if absent.
    pub from: Option<i64>,
    /// Until when; now if absent.
    pub until: Option<i64>,
    /// How long a step is; what fits if absent.
    pub step: Option<i64>,
    /// Of one domain only.
    pub domain: Option<DomainId>,
}

/// Requests in one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// When it begins.
    pub at: i64,
    /// The sums.
    pub sum: Summary,
}

/// A domain and what came to it.
#[derive(Debug, Clone)]
pub struct OfDomain {
    /// The domain.
    pub domain: Domain,
    /// The sums.
    pub sum: Summary,
}

/// The requests for an app.
#[derive(Debug, Clone)]
pub struct Traffic {
    /// From when, as the steps begin: seconds since 1970.
    pub from: i64,
    /// Until when.
    pub until: i64,
    /// How long a step is, seconds.
    pub step: i64,
    /// Every step, also those without requests; the last one may not be over yet.
    pub points: Vec<Point>,
    /// All of them together.
    pub sum: Summary,
    /// The paths that were asked for most.
    pub paths: Vec<Entry>,
    /// Requests by country, most first.
    pub countries: Vec<(String, u64)>,
    /// Each domain of the app.
    pub domains: Vec<OfDomain>,
    /// Each backend that answered: `address:port`; `-` is the edge itself.
    pub backends: BTreeMap<String, Summary>,
    /// When counts are missing.
    pub missing: Vec<Gap>,
}

/// The requests for an app, or for one of its domains.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`]; faults at `from`, `step`, `domain`.
pub async fn show(cx: &Ctx, app: AppId, asked: Asked) -> Result<Traffic, Error> {
    let now = cx.now().timestamp();
    let (from, until, step) = steps(asked, now)?;
    let mut tx = cx.parts.db.read().await?;
    cx.app(&mut tx, app, Right::Logs).await?;
    let domains = db::domain_name::of_app(&mut tx, app).await?;
    if asked.domain.is_some_and(|id| domains.iter().all(|domain| domain.id != id)) {
        return Err(Error::wrong("domain", Wrong::new("must be the id of one of the app's domains")));
    }
    let rows = db::traffic::of_app(&mut tx, app, asked.domain, from, until).await?;
    let missing = missing(&mut tx, from, until, now).await?;
    drop(tx);
    let points = (from..until).step_by(usize::try_from(step).unwrap_or(1));
    let mut points: Vec<Point> = points.map(|at| Point { at, sum: Summary::default() }).collect();
    let mut all = Counts::default();
    let mut by_domain: BTreeMap<DomainId, Summary> = BTreeMap::new();
    for row in rows {
        // What was written was read before.
        let counts: Counts = row.counts.parse().unwrap_or_default();
        let at = usize::try_from((row.at - from) / step).unwrap_or(usize::MAX);
        if let Some(point) = points.get_mut(at) {
            point.sum.add(&counts, |_| true);
        }
        by_domain.entry(row.domain_id).or_default().add(&counts, |_| true);
        all.merge(&counts);
    }
    let of_domain =
        |domain: Domain| OfDomain { sum: by_domain.remove(&domain.id).unwrap_or_default(), domain };
    let mut countries: Vec<(String, u64)> = all
        .countries
        .iter()
        .map(|(code, count)| (String::from_utf8_lossy(code).into_owned(), *count))
        .collect();
    countries.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Ok(Traffic {
        from,
        until,
        step,
        points,
        sum: Summary::of(&all),
        paths: all.paths.entries(),
        countries,
        domains: domains.into_iter().map(of_domain).collect(),
        backends: Summary::by_backend(&all),
        missing,
    })
}

/// From when, until when, and how long a step is. No step is shorter than the windows that are left of
/// that time, and all begin at a multiple of it.
fn steps(asked: Asked, now: i64) -> Result<(i64, i64, i64), Error> {
    let until = asked.until.unwrap_or(now).min(now);
    let from = asked.from.unwrap_or(until - LAST);
    let kept = SPANS.last().map_or(0, |(_, kept, _)| *kept);
    if from >= until || from < now - kept - 86_400 {
        let rule = "must be before `to`, and within the last year: what is older is not kept";
        return Err(Error::wrong("from", Wrong::new(rule)));
    }
    let least = span_at(now - from);
    let fits = |step: &&i64| **step >= least && (until - from) / **step <= FIT;
    let step = asked.step.unwrap_or_else(|| CHOICE.iter().find(fits).copied().unwrap_or(7 * 86_400));
    if step < least || step % least != 0 || step > 31 * 86_400 {
        let rule = format!("must be a multiple of {least} seconds: what is so old is kept in steps of that");
        return Err(Error::wrong("step", Wrong::new(rule)));
    }
    let (from, until) = (from - from.rem_euclid(step), until + (step - until.rem_euclid(step)) % step);
    if (until - from) / step > STEPS {
        return Err(Error::wrong("step", Wrong::new("makes more than 2000 steps: ask for longer ones")));
    }
    Ok((from, until, step))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_007;

    fn ask(from: i64, until: i64, step: Option<i64>) -> Result<(i64, i64, i64), String> {
        let asked = Asked { from: Some(NOW - from), until: Some(NOW - until), step, domain: None };
        steps(asked, NOW).map_err(|error| format!("{error:?}"))
    }

    #[test]
    fn steps_are_as_fine_as_what_is_kept() {
        for (from, step) in [
            (600, 10),
            (3_600, 60),
            (7_200, 60),
            (7_201, 300),
            (86_400, 900),
            (7 * 86_400, 3_600),
            (31 * 86_400, 86_400),
            (365 * 86_400, 7 * 86_400),
        ] {
            let (began, ended, chosen) = ask(from, 0, None).expect("steps");
            assert_eq!(chosen, step, "{from}");
            assert!(began <= NOW - from && ended >= NOW && began % step == 0 && ended % step == 0);
            assert!((ended - began) / step <= FIT + 2);
        }
        for (from, until, step) in [
            (0, 0, None),
            (10, 20, None),
            (400 * 86_400, 0, None),
            (3_600, 0, Some(0)),
            (3_600, 0, Some(-10)),
            (3_600, 0, Some(15)),
            (86_400, 0, Some(10)),
            (2 * 86_400, 0, Some(i64::MAX)),
        ] {
            assert!(ask(from, until, step).is_err(), "{from} {until} {step:?}");
        }
    }
}
