//! Requests: busy by day, with a fault now and then.

use super::{Fake, Mood};
use crate::api::{
    AppId, AppState, DomainId, Error, Often, Result, Time, TrafficMissing, TrafficOf, TrafficPoint,
    TrafficSum, TrafficView, Traffics,
};

#[async_trait::async_trait]
impl Traffics for Fake {
    async fn traffic(&self, id: &AppId, seconds: i64, domain: Option<&DomainId>) -> Result<TrafficView> {
        let mut state = self.state()?;
        let empty = state.app(&id.0)?.0.line.state == AppState::Empty || self.mood == Mood::Empty;
        let domains: Vec<_> = state.domains.clone();
        drop(state);
        if domain.is_some_and(|id| domains.iter().all(|domain| domain.id != *id)) {
            return Err(Error::invalid("domain", "must be the id of one of the app's domains"));
        }
        let step = [60, 300, 900, 3_600, 21_600, 86_400, 604_800];
        let step = step.into_iter().find(|step| seconds / step <= 180).unwrap_or(604_800);
        let until = self.now.0 / 1_000;
        let from = until - seconds;
        let busy = u64::from(!empty);
        let point = |n: i64| TrafficPoint {
            at: Time((from + n * step) * 1_000),
            seconds: step,
            sum: sum(
                busy * u64::try_from(step * (20 + (n * 7) % 13 + (n / 9) % 5)).unwrap_or(0),
                n % 23 == 9,
                step,
            ),
        };
        let points: Vec<_> = (0..seconds / step).map(point).collect();
        let requests = points.iter().map(|point| point.sum.requests).sum();
        let of = |id: &str, name: &str, part: u64| TrafficOf {
            id: id.into(),
            name: name.into(),
            sum: sum(requests / part, false, seconds),
        };
        let often = |name: &str, part: u64| Often {
            name: name.into(),
            requests: requests / part,
            over: requests / 400,
        };
        let some = |all: Vec<Often>| if empty { Vec::new() } else { all };
        let missing = TrafficMissing {
            node: "edge-2".into(),
            from: Time((until - 1_500) * 1_000),
            until: Time((until - 1_380) * 1_000),
            requests: 0,
        };
        Ok(TrafficView {
            from: Time(from * 1_000),
            until: Time(until * 1_000),
            step,
            sum: sum(requests, true, seconds),
            points,
            paths: some(vec![
                often("/products/*", 2),
                often("/", 5),
                often("/<script>alert(1)</script>", 90),
            ]),
            countries: some(vec![often("DE", 2), often("FR", 7)]),
            domains: domains.iter().map(|domain| of(&domain.id.0, &domain.host, 2)).collect(),
            backends: vec![of("", "10.0.1.5:8080", 2), of("", "10.0.1.6:8080", 2), of("", "-", 500)],
            missing: if empty { Vec::new() } else { vec![missing] },
        })
    }
}

fn sum(requests: u64, fault: bool, seconds: i64) -> TrafficSum {
    let failed = if fault { requests / 40 } else { 0 };
    let (moved, wrong) = (requests / 12, requests / 30);
    let some = requests > 0;
    TrafficSum {
        requests,
        rate: requests as f64 / seconds.max(1) as f64,
        classes: [0, requests - moved - wrong - failed, moved, wrong, failed],
        error_share: some.then(|| failed as f64 / requests as f64),
        bytes_in: requests * 310,
        bytes_out: requests * 18_400,
        retries: failed / 2,
        percentiles: some.then(|| {
            let slow = if fault { 4.0 } else { 1.0 };
            [11.5, 84.0 * slow, 232.0 * slow]
        }),
    }
}
