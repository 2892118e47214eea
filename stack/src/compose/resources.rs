//! Limits and reservations: `deploy.resources`, and the keys of older files that say the same.

use bollard_stubs::models::{
    GenericResourcesInner, GenericResourcesInnerDiscreteResourceSpec, Limit, ResourceObject,
    TaskSpecResources,
};

use super::{
    convert::Build,
    deploy::block,
    read::{At, Fields},
};
use crate::{fault::Faults, units};

/// Keys of a service that limit or reserve, and their places in `deploy.resources`.
pub(super) const KEYS: [(&str, &str); 7] = [
    ("mem_limit", "limits.memory"),
    ("mem_reservation", "reservations.memory"),
    ("cpus", "limits.cpus"),
    ("cpu_count", "limits.cpus"),
    ("cpu_quota", "limits.cpus"),
    ("pids_limit", "limits.pids"),
    ("gpus", "reservations.devices"),
];
/// The scheduler's period, if none is written; microseconds.
const PERIOD: i64 = 100_000;
/// What is asked of generic resources for a GPU.
const GPU: &str = "gpu";

/// The engine's resources block; one that is written stays, even if it says nothing.
pub(super) fn convert(
    service: &Fields<'_>,
    deploy: Option<&Fields<'_>>,
    build: &mut Build<'_>,
) -> TaskSpecResources {
    let fields = block(deploy, "resources", &["limits", "reservations"], &mut build.faults);
    let limits = block(fields.as_ref(), "limits", &["cpus", "memory", "pids"], &mut build.faults);
    let known = ["cpus", "memory", "generic_resources", "devices"];
    let reservations = block(fields.as_ref(), "reservations", &known, &mut build.faults);
    let faults = &mut build.faults;
    let mut limit = Limit {
        nano_cpus: get(&limits, "cpus").and_then(|at| cpus(&at, faults)),
        memory_bytes: get(&limits, "memory").and_then(|at| at.size(faults)),
        pids: get(&limits, "pids").and_then(|at| at.int(faults)),
    };
    let mut reserved = ResourceObject {
        nano_cpus: get(&reservations, "cpus").and_then(|at| cpus(&at, faults)),
        memory_bytes: get(&reservations, "memory").and_then(|at| at.size(faults)),
        generic_resources: get(&reservations, "generic_resources").map(|at| generic(&at, faults)),
    };
    older(service, "mem_limit", |at, faults| at.size(faults), &mut limit.memory_bytes, faults);
    older(service, "mem_reservation", |at, faults| at.size(faults), &mut reserved.memory_bytes, faults);
    older(service, "cpus", cpus, &mut limit.nano_cpus, faults);
    older(service, "cpu_count", cpus, &mut limit.nano_cpus, faults);
    older(service, "pids_limit", |at, faults| at.int(faults), &mut limit.pids, faults);
    if let Some(at) = service.get("cpu_quota") {
        quota(at, service.get("cpu_period"), &mut limit.nano_cpus, faults);
    }
    for at in [get(&reservations, "devices"), service.get("gpus").cloned()].into_iter().flatten() {
        if let Some(count) = gpus(&at, build) {
            reserved.generic_resources.get_or_insert_default().push(discrete(GPU, count));
        }
    }
    TaskSpecResources {
        limits: (limits.is_some() || limit != Limit::default()).then_some(limit),
        reservations: (reservations.is_some() || reserved != ResourceObject::default()).then_some(reserved),
        ..Default::default()
    }
}

fn get<'n>(part: &Option<Fields<'n>>, key: &str) -> Option<At<'n>> {
    part.as_ref()?.get(key).cloned()
}

/// A number of CPUs; an empty text is none.
fn cpus(at: &At<'_>, faults: &mut Faults) -> Option<i64> {
    let empty = matches!(&at.node.value, super::yaml::Value::Text(text) if text.is_empty());
    if empty { None } else { at.cpus(faults) }
}

/// Reads a key of older files where the `deploy` section says nothing, or the same.
fn older(
    service: &Fields<'_>,
    key: &str,
    read: fn(&At<'_>, &mut Faults) -> Option<i64>,
    field: &mut Option<i64>,
    faults: &mut Faults,
) {
    let Some(at) = service.get(key) else { return };
    let Some(value) = read(at, faults) else { return };
    if field.is_some_and(|other| other != value) {
        let place = KEYS.iter().find(|(name, _)| *name == key).map_or("", |(_, place)| place);
        at.fault(
            "conflict",
            format!("says another thing than `deploy.resources.{place}`: remove one"),
            faults,
        );
    }
    *field = Some(value);
}

/// Microseconds of CPU in each period, as billionths of a CPU.
fn quota(at: &At<'_>, period: Option<&At<'_>>, field: &mut Option<i64>, faults: &mut Faults) {
    let micros = |at: &At<'_>, faults: &mut Faults| match &at.node.value {
        super::yaml::Value::Text(text) if !at.node.substituted => match units::duration(text) {
            Some(nanos) => Some(nanos / 1000),
            None => text.parse().ok().or_else(|| at.int(faults)),
        },
        _ => at.int(faults),
    };
    let period = period.and_then(|at| micros(at, faults)).filter(|period| *period > 0).unwrap_or(PERIOD);
    if let Some(quota) = micros(at, faults).filter(|quota| *quota > 0)
        && field.is_none()
    {
        *field = i64::try_from(i128::from(quota) * 1_000_000_000 / i128::from(period)).ok();
    }
}

fn discrete(kind: &str, count: i64) -> GenericResourcesInner {
    let spec = GenericResourcesInnerDiscreteResourceSpec { kind: Some(kind.to_owned()), value: Some(count) };
    GenericResourcesInner { named_resource_spec: None, discrete_resource_spec: Some(spec) }
}

fn generic(at: &At<'_>, faults: &mut Faults) -> Vec<GenericResourcesInner> {
    let mut all = Vec::new();
    for item in at.list(faults) {
        let outer = item.fields(&["discrete_resource_spec"], faults);
        let spec = outer.get("discrete_resource_spec").map(|at| at.fields(&["kind", "value"], faults));
        all.push(GenericResourcesInner {
            named_resource_spec: None,
            discrete_resource_spec: spec.map(|spec| GenericResourcesInnerDiscreteResourceSpec {
                kind: spec.get("kind").and_then(|at| at.text(faults)).map(ToOwned::to_owned),
                value: spec.get("value").and_then(|at| at.int(faults)),
            }),
        });
    }
    all
}

/// How many GPUs are asked for, by `gpus` or a list of devices. Swarm counts them as a generic
/// resource, which nodes must declare; what cannot be counted is noted.
fn gpus(at: &At<'_>, build: &mut Build<'_>) -> Option<i64> {
    const RULE: &str = "is not carried over: Swarm counts GPUs as the generic resource `gpu` of its nodes, and needs a `count`";
    if at.node.value == super::yaml::Value::Text("all".to_owned()) {
        build.note(at, "ignored", RULE);
        return None;
    }
    let mut sum = 0;
    for item in at.list(&mut build.faults) {
        let known = ["capabilities", "driver", "count", "device_ids", "options"];
        let fields = item.fields(&known, &mut build.faults);
        let wanted = fields.get("capabilities").map(|at| at.texts(&mut build.faults));
        let count = match fields.get("count") {
            Some(count) if matches!(count.node.value, super::yaml::Value::Text(_)) => None,
            Some(count) => count.count(&mut build.faults),
            None => fields
                .get("device_ids")
                .map(|at| at.texts(&mut build.faults).len())
                .and_then(|n| i64::try_from(n).ok()),
        };
        match count.filter(|_| wanted.is_none_or(|wanted| wanted.iter().any(|word| word == GPU))) {
            Some(count) => sum += count,
            None => build.note(&item, "ignored", RULE),
        }
    }
    (sum > 0).then_some(sum)
}
