//! How much one client may ask for, and how much of it at once.

use serde::Serialize;

use super::Chain;
use crate::{
    domain::route::RouteOptions,
    edge::document::{Criterion, InFlight, Middleware},
};

/// Requests over time.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::edge) struct RateLimit {
    pub average: u32,
    pub period: String,
    pub burst: u32,
    pub source_criterion: Criterion,
}

/// Of one client address over time.
pub(super) fn rate(chain: &mut Chain<'_>, options: &RouteOptions) {
    if let Some(rate) = options.rate {
        let limit = RateLimit {
            average: rate.average,
            period: format!("{}s", rate.seconds),
            burst: rate.burst,
            source_criterion: Criterion::IpStrategy { depth: 0 },
        };
        chain.add("rate", Middleware::RateLimit(limit));
    }
}

/// Of one client address at once.
pub(super) fn in_flight(chain: &mut Chain<'_>, options: &RouteOptions) {
    if let Some(amount) = options.in_flight.and_then(|most| u32::try_from(most.get()).ok()) {
        let source_criterion = Criterion::IpStrategy { depth: 0 };
        chain.add("in-flight", Middleware::InFlightReq(InFlight { amount, source_criterion }));
    }
}
