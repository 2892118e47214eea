//! How new tasks take the place of old ones: `update_config` and `rollback_config`.
//!
//! To carry a key: its name in [`KNOWN`], its reading for both blocks.

use bollard_stubs::models::{ServiceSpecRollbackConfig, ServiceSpecUpdateConfig};
use serde_json::json;

use super::{
    convert::Build,
    deploy::block,
    read::{At, Fields},
};
use crate::fault::Faults;

const KNOWN: [&str; 6] = ["parallelism", "delay", "failure_action", "monitor", "max_failure_ratio", "order"];
const ACTIONS: &str = "must be `pause`, `continue` or (of an update) `rollback`";

/// The engine's update block, where there is one.
pub(super) fn update(
    name: &str,
    deploy: Option<&Fields<'_>>,
    build: &mut Build<'_>,
) -> Option<ServiceSpecUpdateConfig> {
    let fields = block(deploy, "update_config", &KNOWN, &mut build.faults)?;
    Some(ServiceSpecUpdateConfig {
        parallelism: parallelism(&fields, &mut build.faults),
        delay: duration(&fields, "delay", &mut build.faults),
        failure_action: action(name, "UpdateConfig", &fields, build),
        monitor: duration(&fields, "monitor", &mut build.faults),
        max_failure_ratio: ratio(&fields, &mut build.faults),
        order: order(&fields, &mut build.faults),
    })
}

/// The engine's rollback block, where there is one.
pub(super) fn rollback(
    name: &str,
    deploy: Option<&Fields<'_>>,
    build: &mut Build<'_>,
) -> Option<ServiceSpecRollbackConfig> {
    let fields = block(deploy, "rollback_config", &KNOWN, &mut build.faults)?;
    Some(ServiceSpecRollbackConfig {
        parallelism: parallelism(&fields, &mut build.faults),
        delay: duration(&fields, "delay", &mut build.faults),
        failure_action: action(name, "RollbackConfig", &fields, build),
        monitor: duration(&fields, "monitor", &mut build.faults),
        max_failure_ratio: ratio(&fields, &mut build.faults),
        order: order(&fields, &mut build.faults),
    })
}

/// One at a time, if nothing is written; 0 is all at once.
fn parallelism(fields: &Fields<'_>, faults: &mut Faults) -> Option<i64> {
    Some(fields.get("parallelism").map_or(Some(1), |at| at.count(faults)).unwrap_or(1))
}

fn duration(fields: &Fields<'_>, key: &str, faults: &mut Faults) -> Option<i64> {
    fields.get(key).and_then(|at| at.duration(faults))
}

fn ratio(fields: &Fields<'_>, faults: &mut Faults) -> Option<f64> {
    fields.get("max_failure_ratio").and_then(|at| at.float(faults))
}

/// Reads a word that the schema knows.
fn order<T: std::str::FromStr>(fields: &Fields<'_>, faults: &mut Faults) -> Option<T> {
    let at: &At<'_> = fields.get("order")?;
    let order = at.text(faults)?;
    let known = order.parse().ok().filter(|_| !order.is_empty());
    if known.is_none() {
        at.fault("invalid_choice", "must be `start-first` or `stop-first`", faults);
    }
    known
}

/// Reads a word that only the engine checks.
fn action<T: std::str::FromStr>(
    name: &str,
    block: &str,
    fields: &Fields<'_>,
    build: &mut Build<'_>,
) -> Option<T> {
    let at = fields.get("failure_action")?;
    let action = at.text(&mut build.faults)?;
    let known = action.parse().ok().filter(|_| !action.is_empty());
    if known.is_none() && !action.is_empty() {
        build.raw(name, &format!("/{block}/FailureAction"), json!(action), at, ACTIONS);
    }
    known
}
