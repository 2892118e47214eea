//! `GET /api/v1/apps/{id}/traffic`

use axum::Json;
use serde::{Deserialize, Serialize};

use crate::{
    control::{
        Ctx,
        traffic::{self, Asked, OfDomain},
    },
    db::traffic::Gap,
    domain::{
        clock::Time,
        id::{AppId, DomainId},
        traffic::{Entry, Summary, error_share, percentile, rate},
    },
    http::{api::v1::Answer, id::Id, query::Query},
};

/// Which time, and how finely.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// From when (RFC 3339); an hour before `to` if absent.
    #[param(value_type = Option<String>)]
    from: Option<Time>,
    /// Until when (RFC 3339); now if absent.
    #[param(value_type = Option<String>)]
    to: Option<Time>,
    /// How long a step is, seconds: what fits if absent. Two hours are kept by 10 s, two days by 5 min,
    /// 30 days by hours, a year by days.
    step: Option<i64>,
    /// Of one domain only.
    #[param(value_type = Option<String>)]
    domain: Option<DomainId>,
}

/// Sums over requests.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SumView {
    /// All.
    requests: u64,
    /// A second, as a mean.
    rate: f64,
    /// By class of status: 1xx to 5xx. 1xx is what became a WebSocket.
    classes: [u64; 5],
    /// The part of the answers that were 5xx, 0 to 1.
    error_share: Option<f64>,
    /// Bytes of requests' bodies.
    bytes_in: u64,
    /// Bytes of answers' bodies.
    bytes_out: u64,
    /// Times that the edge asked another backend.
    retries: u64,
    /// Half of the answers took at most that long, milliseconds; wrong by a sixteenth at most.
    p50: Option<f64>,
    /// 95 of 100 took at most that long.
    p95: Option<f64>,
    /// 99 of 100 took at most that long.
    p99: Option<f64>,
}

impl SumView {
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    fn of(sum: &Summary, seconds: i64) -> Self {
        let millis = |share| percentile(sum, share).map(|took| took.as_secs_f64() * 1e3);
        Self {
            requests: sum.requests(),
            rate: rate(sum, seconds as f64),
            classes: sum.classes,
            error_share: error_share(sum),
            bytes_in: sum.bytes_in,
            bytes_out: sum.bytes_out,
            retries: sum.retries,
            p50: millis(0.5),
            p95: millis(0.95),
            p99: millis(0.99),
        }
    }
}

/// A step.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PointView {
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    at: Time,
    /// The sums.
    #[serde(flatten)]
    sum: SumView,
}

/// A name and how often it came.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OftenView {
    /// A path, with `*` for numbers and ids; or a country, in two letters.
    name: String,
    /// How often, at most.
    requests: u64,
    /// By how much that may be too large.
    over: u64,
}

/// Sums of one domain.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DomainSumView {
    /// Its id.
    #[schema(value_type = String)]
    id: DomainId,
    /// Its host.
    host: String,
    /// Requests under this path.
    path: String,
    /// The sums.
    #[serde(flatten)]
    sum: SumView,
}

/// Sums of one backend.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BackendSumView {
    /// `address:port`; `-` is what the edge answered by itself.
    backend: String,
    /// The sums.
    #[serde(flatten)]
    sum: SumView,
}

/// A time in which counts are missing.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MissingView {
    /// The machine of the edge.
    node: String,
    /// From when.
    #[schema(value_type = String, format = DateTime)]
    from: Time,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    to: Time,
    /// Requests that are known to be missing; 0 if nothing is known of them.
    requests: i64,
}

/// The requests for an app.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TrafficView {
    /// From when, as the steps begin.
    #[schema(value_type = String, format = DateTime)]
    from: Time,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    to: Time,
    /// How long a step is, seconds.
    step: i64,
    /// All steps together.
    sum: SumView,
    /// Each step, the oldest first.
    points: Vec<PointView>,
    /// The paths that were asked for most, of all domains together; counted over 5 minutes.
    paths: Vec<OftenView>,
    /// Requests by country, if the edges have a database of countries.
    countries: Vec<OftenView>,
    /// Each domain.
    domains: Vec<DomainSumView>,
    /// Each backend.
    backends: Vec<BackendSumView>,
    /// When counts are missing, as an edge did not report.
    missing: Vec<MissingView>,
}

/// The requests for an app as the edges saw them.
///
/// To watch them as they end: `GET /events/apps/{id}/requests` (server-sent events).
#[utoipa::path(
    get,
    path = "/apps/{id}/traffic",
    tag = "apps",
    operation_id = "traffic_apps",
    params(("id" = String, Path), Which),
    responses((status = 200, description = "Done.", body = TrafficView)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<AppId>, Query(which): Query<Which>) -> Answer<TrafficView> {
    let asked = Asked {
        from: which.from.map(|at| at.timestamp()),
        until: which.to.map(|at| at.timestamp()),
        step: which.step,
        domain: which.domain,
    };
    let found = traffic::show(&cx, id, asked).await?;
    // What is still to come is no part of a mean.
    let now = cx.now().timestamp();
    let passed = |from: i64, until: i64| (until.min(now) - from).max(1);
    let whole = passed(found.from, found.until);
    let point = |point: &traffic::Point| PointView {
        at: moment(point.at),
        sum: SumView::of(&point.sum, passed(point.at, point.at + found.step)),
    };
    let of_domain = |OfDomain { domain, sum }: OfDomain| DomainSumView {
        id: domain.id,
        host: domain.host.to_string(),
        path: domain.path.as_str().to_owned(),
        sum: SumView::of(&sum, whole),
    };
    let backend =
        |(backend, sum): (String, Summary)| BackendSumView { backend, sum: SumView::of(&sum, whole) };
    let path = |Entry { name, count, over }: Entry| OftenView { name, requests: count, over };
    let country = |(name, requests): (String, u64)| OftenView { name, requests, over: 0 };
    let missing = |Gap { node, from_at, until_at, uncounted }: Gap| MissingView {
        node,
        from: moment(from_at),
        to: moment(until_at),
        requests: uncounted,
    };
    Ok(Json(TrafficView {
        from: moment(found.from),
        to: moment(found.until),
        step: found.step,
        sum: SumView::of(&found.sum, whole),
        points: found.points.iter().map(point).collect(),
        paths: found.paths.into_iter().map(path).collect(),
        countries: found.countries.into_iter().map(country).collect(),
        domains: found.domains.into_iter().map(of_domain).collect(),
        backends: found.backends.into_iter().map(backend).collect(),
        missing: found.missing.into_iter().map(missing).collect(),
    }))
}

fn moment(seconds: i64) -> Time {
    Time::from_timestamp(seconds, 0).unwrap_or_default()
}
