//! `GET /metrics`: figures in the OpenMetrics text format, for Prometheus.
//!
//! Counted here: requests. Asked when somebody reads: jobs, deployments, the engine. No figure
//! names a team's things. To add one: a field and its line in `Default`, or a line in `asked`.

use std::{fmt::Write as _, sync::atomic::AtomicU64, time::Duration};

use axum::{
    extract::State as Extract,
    http::{HeaderMap, Method, header},
    response::{IntoResponse as _, Response},
};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};

use super::{Problem, State, auth::SignedInCaller};
use crate::{control::Error, db};

/// The engine must answer by then, or it is unknown.
const ENGINE_WITHIN: Duration = Duration::from_secs(2);

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    method: String,
    route: String,
    status: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabel {
    route: String,
}

/// What is counted.
pub struct Metrics {
    registry: Registry,
    requests: Family<Labels, Counter<u64, AtomicU64>>,
    seconds: Family<RouteLabel, Histogram>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("skep");
        let requests = Family::<Labels, Counter<u64, AtomicU64>>::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        let seconds = Family::new_with_constructor(histogram as fn() -> Histogram);
        registry.register("http_request_seconds", "Time to the head of the answer", seconds.clone());
        Self { registry, requests, seconds }
    }
}

fn histogram() -> Histogram {
    Histogram::new([0.005, 0.025, 0.1, 0.5, 2.5, 10.0])
}

impl Metrics {
    /// Counts an answered request. `route` is the route's pattern, never a path.
    pub fn request(&self, method: &Method, route: &str, status: u16, took: Duration) {
        let method = match method.as_str() {
            known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => known,
            _ => "other",
        };
        let labels =
            Labels { method: method.to_owned(), route: route.to_owned(), status: status.to_string() };
        self.requests.get_or_create(&labels).inc();
        self.seconds.get_or_create(&RouteLabel { route: route.to_owned() }).observe(took.as_secs_f64());
    }
}

/// The figures. Whoever comes by way of a proxy, so from outside, must be signed in.
pub async fn metrics(
    Extract(state): Extract<State>,
    known: Option<SignedInCaller>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if known.is_none() && headers.contains_key("x-forwarded-for") {
        return Err(Error::Unauthenticated {
            code: "sign_in",
            message: "send an API token as `Authorization: Bearer skep_…`".to_owned(),
        }
        .into());
    }
    let mut text = String::new();
    encode(&mut text, &state.metrics.registry).map_err(Error::internal)?;
    let asked = asked(&state).await?;
    let text = text.replace("# EOF\n", &format!("{asked}# EOF\n"));
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}

async fn asked(state: &State) -> Result<String, Problem> {
    let mut tx = state.parts.db.read().await.map_err(Error::from)?;
    let jobs = db::job::count(&mut tx).await.map_err(Error::from)?;
    let deployments = db::deployment::count(&mut tx).await.map_err(Error::from)?;
    drop(tx);
    let engine = tokio::time::timeout(ENGINE_WITHIN, state.parts.engine.info()).await;
    let up = u8::from(matches!(engine, Ok(Ok(_))));
    let mut text = String::from("# HELP skep_jobs Jobs by status.\n# TYPE skep_jobs gauge\n");
    for (status, count) in jobs {
        let _ = writeln!(text, "skep_jobs{{status=\"{status}\"}} {count}");
    }
    text.push_str("# HELP skep_deployments Deployments by state.\n# TYPE skep_deployments gauge\n");
    for (deployment, count) in deployments {
        let _ = writeln!(text, "skep_deployments{{state=\"{deployment}\"}} {count}");
    }
    text.push_str("# HELP skep_engine_up 1 if the engine answers, 0 if its state is unknown.\n# TYPE skep_engine_up gauge\n");
    let _ = writeln!(text, "skep_engine_up {up}");
    Ok(text)
}
