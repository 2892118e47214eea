//! How visitors come to a new version: task by task, all at once with a way back, or a few first.
//!
//! To add a strategy: a variant here with its rules in [`check`], and what it does while visitors are
//! led over in the server's `deploy/shift.rs`.

use std::time::Duration;

use bollard_stubs::models::{
    ServiceSpecRollbackConfigOrderEnum as RollbackOrder, ServiceSpecUpdateConfigOrderEnum as UpdateOrder,
};
use serde::{Deserialize, Serialize};

use super::range::Range;
use crate::{
    drain,
    fault::{Fault, Faults},
    spec::StackSpec,
    trial::on_edge,
    units::{self, HOUR, MINUTE, SECOND},
};

/// How visitors come to a new version.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Strategy {
    /// Each old task goes when a new one is proven healthy.
    #[default]
    Rolling,
    /// All old tasks stop before the first new one starts: for what may never run in two versions.
    /// Visitors are told to come back meanwhile.
    Recreate,
    /// The new version runs beside the old one; once it is proven, all visitors are led to it at once,
    /// and for a while back again just as fast.
    BlueGreen {
        /// How long the old version is kept to switch back to: `10m` if absent.
        #[serde(default)]
        keep: Option<String>,
    },
    /// The new version runs beside the old one and gets a growing share of the visitors; back to none
    /// by itself if it answers worse.
    Canary {
        /// The shares, in order; then it gets all. 10 % for 5 minutes and 50 % for 5 minutes if absent.
        #[serde(default)]
        steps: Vec<Share>,
        /// Answers of 500 and above, in percent of its own, from which on it returns: 5 if absent.
        #[serde(default)]
        max_errors: Option<u8>,
        /// The time within which 95 of 100 of its answers must come: `800ms`; not looked at if absent.
        #[serde(default)]
        max_latency: Option<String>,
    },
}

/// A share of the visitors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// Percent, 1 to 99.
    pub weight: u8,
    /// How long before the next: `5m`. Absent: until somebody says so, a day at most.
    #[serde(default)]
    pub pause: Option<String>,
}

const KEEP: Range = Range::new(0, 24 * HOUR);
const PAUSE: Range = Range::new(SECOND, 24 * HOUR);
const LATENCY: Range = Range::new(units::MILLISECOND, 10 * MINUTE);
const STEPS_MAX: usize = 10;

impl Strategy {
    /// Whether the new version runs beside the old one for a while.
    #[must_use]
    pub const fn beside(&self) -> bool {
        matches!(self, Self::BlueGreen { .. } | Self::Canary { .. })
    }

    /// The shares of a canary before it gets all: percent, and how long; none: until somebody says so.
    #[must_use]
    pub fn shares(&self) -> Vec<(u8, Option<Duration>)> {
        let Self::Canary { steps, .. } = self else { return Vec::new() };
        if steps.is_empty() {
            return vec![(10, Some(Duration::from_secs(300))), (50, Some(Duration::from_secs(300)))];
        }
        steps.iter().map(|step| (step.weight, step.pause.as_deref().and_then(time))).collect()
    }

    /// Above this a canary returns; none: how long answers take is not looked at.
    #[must_use]
    pub fn max_latency(&self) -> Option<Duration> {
        match self {
            Self::Canary { max_latency, .. } => max_latency.as_deref().and_then(time),
            _ => None,
        }
    }

    /// How long the old version is kept after the switch.
    #[must_use]
    pub fn keep(&self) -> Duration {
        match self {
            Self::BlueGreen { keep } => keep.as_deref().and_then(time).unwrap_or(Duration::from_secs(600)),
            _ => Duration::ZERO,
        }
    }
}

fn time(text: &str) -> Option<Duration> {
    units::duration(text).map(|nanos| Duration::from_nanos(nanos.unsigned_abs()))
}

/// Every fault of the strategy of a stack's settings, with paths below `settings.update.strategy`.
#[must_use]
pub fn faults(strategy: &Strategy) -> Vec<Fault> {
    let mut faults = Faults::default();
    check(strategy, &mut faults);
    faults.0
}

/// All old tasks of the services that visitors are led to stop before the first new one starts.
pub fn recreate(spec: &mut StackSpec) {
    for service in spec.services.values_mut().filter(|service| on_edge(service)) {
        if let Some(update) = &mut service.update_config {
            (update.order, update.parallelism) = (Some(UpdateOrder::STOP_FIRST), Some(0));
        }
        if let Some(rollback) = &mut service.rollback_config {
            (rollback.order, rollback.parallelism) = (Some(RollbackOrder::STOP_FIRST), Some(0));
        }
    }
    drain::apply(spec);
}

pub(super) fn check(strategy: &Strategy, faults: &mut Faults) {
    match strategy {
        Strategy::Rolling | Strategy::Recreate => {}
        Strategy::BlueGreen { keep } => {
            KEEP.duration("settings.update.strategy.keep", keep.as_deref(), faults);
        }
        Strategy::Canary { steps, max_errors, max_latency } => {
            let at = "settings.update.strategy.steps";
            faults.unless(steps.len() <= STEPS_MAX, at, "too_long", "must be at most 10 steps");
            let mut before = 0;
            for (index, step) in steps.iter().enumerate().take(STEPS_MAX) {
                let path = format!("{at}[{index}]");
                let grows = step.weight > before && step.weight < 100;
                faults.unless(
                    grows,
                    format!("{path}.weight"),
                    "out_of_range",
                    "must be 1 to 99 percent, and more than in the step before",
                );
                before = step.weight;
                PAUSE.duration(&format!("{path}.pause"), step.pause.as_deref(), faults);
            }
            faults.unless(
                max_errors.is_none_or(|percent| (1..=100).contains(&percent)),
                "settings.update.strategy.max_errors",
                "out_of_range",
                "must be 1 to 100 percent",
            );
            LATENCY.duration("settings.update.strategy.max_latency", max_latency.as_deref(), faults);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(json: &str) -> Vec<String> {
        let strategy = serde_json::from_str(json).unwrap();
        super::faults(&strategy).into_iter().map(|fault| fault.path).collect()
    }

    #[test]
    fn each_form_is_read_and_has_its_usual_values() {
        let canary: Strategy = serde_json::from_str(r#"{"kind": "canary"}"#).unwrap();
        assert_eq!(canary.shares().iter().map(|share| share.0).collect::<Vec<_>>(), [10, 50]);
        let own: Strategy = serde_json::from_str(
            r#"{"kind": "canary", "steps": [{"weight": 5}, {"weight": 20, "pause": "1m"}]}"#,
        )
        .unwrap();
        assert_eq!(own.shares(), [(5, None), (20, Some(Duration::from_secs(60)))]);
        let blue: Strategy = serde_json::from_str(r#"{"kind": "blue_green"}"#).unwrap();
        assert_eq!(blue.keep(), Duration::from_secs(600));
        assert!(blue.beside() && canary.beside() && !Strategy::Recreate.beside());
        assert!(serde_json::from_str::<Strategy>(r#"{"kind": "blue_green", "weight": 3}"#).is_err());
        assert!(serde_json::from_str::<Strategy>(r#"{"kind": "red"}"#).is_err());
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        assert_eq!(faults(r#"{"kind": "blue_green", "keep": "2days"}"#), ["settings.update.strategy.keep"]);
        assert_eq!(faults(r#"{"kind": "blue_green", "keep": "25h"}"#), ["settings.update.strategy.keep"]);
        let steps = r#"{"kind": "canary", "max_errors": 0, "max_latency": "0s",
            "steps": [{"weight": 50}, {"weight": 50}, {"weight": 100, "pause": "1ms"}]}"#;
        let at = "settings.update.strategy";
        let expected = [
            format!("{at}.steps[1].weight"),
            format!("{at}.steps[2].weight"),
            format!("{at}.steps[2].pause"),
            format!("{at}.max_errors"),
            format!("{at}.max_latency"),
        ];
        assert_eq!(faults(steps), expected);
        assert!(faults(r#"{"kind": "canary"}"#).is_empty());
    }
}
