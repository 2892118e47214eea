//! Requests in the words of the pages.

use async_trait::async_trait;
use skep_web::api::{
    self, AppId, DomainId, Often, Result, Time, TrafficMissing, TrafficOf, TrafficPoint, TrafficSum,
    TrafficView,
};

use super::{Web, fields::id};
use crate::{
    control::traffic::{self, Asked, Traffic},
    domain::traffic::{Summary, error_share, percentile, rate},
};

#[async_trait]
impl api::Traffics for Web {
    async fn traffic(&self, app: &AppId, seconds: i64, domain: Option<&DomainId>) -> Result<TrafficView> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        let domain = domain.map(|domain| id(&domain.0)).transpose().map_err(|e| self.told(e))?;
        let now = cx.now().timestamp();
        let asked = Asked { from: Some(now - seconds), domain, ..Asked::default() };
        let found = traffic::show(&cx, app, asked).await.map_err(|e| self.told(e))?;
        Ok(view(found, now))
    }
}

fn view(found: Traffic, now: i64) -> TrafficView {
    let moment = |seconds: i64| Time(seconds * 1_000);
    let until = found.until.min(now);
    let whole = (until - found.from).max(1);
    let point = |point: &traffic::Point| {
        let seconds = ((point.at + found.step).min(now) - point.at).max(1);
        TrafficPoint { at: moment(point.at), seconds, sum: sum(&point.sum, seconds) }
    };
    let of_domain = |of: &traffic::OfDomain| TrafficOf {
        id: of.domain.id.to_string(),
        name: format!("{}{}", of.domain.host, of.domain.path.as_str().trim_end_matches('/')),
        sum: sum(&of.sum, whole),
    };
    TrafficView {
        from: moment(found.from),
        until: moment(found.until),
        step: found.step,
        sum: sum(&found.sum, whole),
        points: found.points.iter().map(point).collect(),
        paths: found
            .paths
            .into_iter()
            .map(|path| Often { name: path.name, requests: path.count, over: path.over })
            .collect(),
        countries: found
            .countries
            .into_iter()
            .map(|(name, requests)| Often { name, requests, over: 0 })
            .collect(),
        domains: found.domains.iter().map(of_domain).collect(),
        backends: found
            .backends
            .into_iter()
            .map(|(name, of)| TrafficOf { id: String::new(), name, sum: sum(&of, whole) })
            .collect(),
        missing: found
            .missing
            .into_iter()
            .map(|gap| TrafficMissing {
                node: gap.node,
                from: moment(gap.from_at),
                until: moment(gap.until_at),
                requests: u64::try_from(gap.uncounted).unwrap_or(0),
            })
            .collect(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn sum(of: &Summary, seconds: i64) -> TrafficSum {
    let millis = |share| percentile(of, share).map(|took| took.as_secs_f64() * 1e3);
    TrafficSum {
        requests: of.requests(),
        rate: rate(of, seconds as f64),
        classes: of.classes,
        error_share: error_share(of),
        bytes_in: of.bytes_in,
        bytes_out: of.bytes_out,
        retries: of.retries,
        percentiles: millis(0.5)
            .zip(millis(0.95))
            .zip(millis(0.99))
            .map(|((half, most), all)| [half, most, all]),
    }
}
