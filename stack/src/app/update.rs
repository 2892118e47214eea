//! How an update is rolled out and taken back, and what happens when a task ends.

use std::time::Duration;

use bollard_stubs::models::{
    ServiceSpecRollbackConfig, ServiceSpecRollbackConfigFailureActionEnum,
    ServiceSpecRollbackConfigOrderEnum, ServiceSpecUpdateConfig, ServiceSpecUpdateConfigFailureActionEnum,
    ServiceSpecUpdateConfigOrderEnum, TaskSpecRestartPolicy, TaskSpecRestartPolicyConditionEnum,
};

use super::{
    Settings,
    range::Range,
    strategy::{self, Strategy},
};
use crate::{
    fault::Faults,
    units::{self, HOUR, MINUTE, SECOND},
};

pub(crate) const MONITOR: Range = Range::new(SECOND, HOUR);
pub(crate) const DELAY: Range = Range::new(0, HOUR);
pub(crate) const DEADLINE: Range = Range::new(10 * SECOND, 24 * HOUR);
pub(crate) const PARALLELISM: Range = Range::new(1, 1000);
pub(crate) const RESTART_DELAY: Range = Range::new(SECOND, HOUR);
pub(crate) const WINDOW: Range = Range::new(SECOND, 24 * HOUR);
pub(crate) const ATTEMPTS: Range = Range::new(1, 1_000_000);

/// How long a rollout may take in all; `10m` if the settings say nothing (or nonsense, which
/// [`super::to_stack`] refuses).
#[must_use]
pub fn deadline(settings: &Settings) -> Duration {
    let nanos = settings.update.deadline.as_deref().and_then(units::duration).unwrap_or(10 * MINUTE);
    Duration::from_nanos(nanos.unsigned_abs())
}

/// How long a new task must stay healthy before it counts; nanoseconds.
pub(super) fn monitor(settings: &Settings, faults: &mut Faults) -> i64 {
    MONITOR
        .duration("settings.update.monitor", settings.update.monitor.as_deref(), faults)
        .unwrap_or(5 * SECOND)
}

/// The engine's update and rollback blocks.
pub(super) fn convert(
    settings: &Settings,
    faults: &mut Faults,
) -> (ServiceSpecUpdateConfig, ServiceSpecRollbackConfig) {
    let update = &settings.update;
    let strategy = update.strategy.clone().unwrap_or_default();
    strategy::check(&strategy, faults);
    let recreate = strategy == Strategy::Recreate;
    let start_first = start_first(settings, faults) && !recreate;
    if strategy.beside() && !start_first {
        faults.add(
            "settings.update.strategy",
            "one_at_a_time",
            "cannot be: two versions would run at once, and its old tasks must stop before new ones start; choose `rolling` or `recreate`",
        );
    }
    let monitor = monitor(settings, faults);
    let delay = DELAY.duration("settings.update.delay", update.delay.as_deref(), faults).unwrap_or(0);
    let parallelism =
        PARALLELISM.count("settings.update.parallelism", update.parallelism, faults).unwrap_or(1);
    // To Swarm that is: all at once.
    let parallelism = if recreate { 0 } else { parallelism };
    DEADLINE.duration("settings.update.deadline", update.deadline.as_deref(), faults);
    let config = ServiceSpecUpdateConfig {
        parallelism: Some(parallelism),
        delay: Some(delay),
        failure_action: Some(ServiceSpecUpdateConfigFailureActionEnum::ROLLBACK),
        monitor: Some(monitor),
        max_failure_ratio: Some(0.0),
        order: Some(if start_first {
            ServiceSpecUpdateConfigOrderEnum::START_FIRST
        } else {
            ServiceSpecUpdateConfigOrderEnum::STOP_FIRST
        }),
    };
    let rollback = ServiceSpecRollbackConfig {
        parallelism: Some(parallelism),
        delay: Some(0),
        failure_action: Some(ServiceSpecRollbackConfigFailureActionEnum::PAUSE),
        monitor: Some(monitor),
        max_failure_ratio: Some(0.0),
        order: Some(if start_first {
            ServiceSpecRollbackConfigOrderEnum::START_FIRST
        } else {
            ServiceSpecRollbackConfigOrderEnum::STOP_FIRST
        }),
    };
    (config, rollback)
}

/// Two tasks at once must not write one volume, and cannot bind one port of a node.
fn start_first(settings: &Settings, faults: &mut Faults) -> bool {
    let volume = settings.has_volume();
    let host_port = settings.publish.iter().any(|port| port.mode.as_deref() != Some("ingress"));
    match settings.update.order.as_deref() {
        None => !volume && !host_port,
        Some("stop-first") => false,
        Some("start-first") => {
            faults.unless(
                !volume,
                "settings.update.order",
                "volume_needs_stop_first",
                "must be `stop-first` where a volume is mounted: two tasks at once would write it",
            );
            true
        }
        Some(_) => {
            faults.add("settings.update.order", "invalid_choice", "must be `start-first` or `stop-first`");
            false
        }
    }
}

/// The engine's restart policy.
pub(super) fn restart(settings: &Settings, faults: &mut Faults) -> TaskSpecRestartPolicy {
    let restart = &settings.restart;
    let condition = match restart.condition.as_deref() {
        None | Some("any") => TaskSpecRestartPolicyConditionEnum::ANY,
        Some("on-failure") => TaskSpecRestartPolicyConditionEnum::ON_FAILURE,
        Some("none") => TaskSpecRestartPolicyConditionEnum::NONE,
        Some(_) => {
            faults.add(
                "settings.restart.condition",
                "invalid_choice",
                "must be `any`, `on-failure` or `none`",
            );
            TaskSpecRestartPolicyConditionEnum::ANY
        }
    };
    let delay = RESTART_DELAY.duration("settings.restart.delay", restart.delay.as_deref(), faults);
    TaskSpecRestartPolicy {
        condition: Some(condition),
        delay: Some(delay.unwrap_or(5 * SECOND)),
        max_attempts: ATTEMPTS.count("settings.restart.max_attempts", restart.max_attempts, faults),
        window: WINDOW.duration("settings.restart.window", restart.window.as_deref(), faults),
    }
}
