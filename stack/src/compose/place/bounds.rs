//! Ranges and grammars of what is written: what no swarm could do, or nobody could mean.

use bollard_stubs::models::ServiceSpec;

use super::{Place, Service};
use crate::{
    app::{limits, process::STOP_GRACE, range::Range, update},
    fault::Faults,
    text,
    units::{show_cpus, show_duration, show_size},
};

/// Refuses a duration that is out of its range.
pub(super) fn within(
    service: &Service<'_>,
    path: &[&str],
    nanos: Option<i64>,
    range: Range,
    faults: &mut Faults,
) {
    if nanos.is_some_and(|nanos| !range.holds(nanos)) {
        let rule = format!("must be from {} to {}", show_duration(range.least), show_duration(range.most));
        service.fault(path, "out_of_range", rule, faults);
    }
}

pub(super) fn check(service: &Service<'_>, body: &ServiceSpec, place: &mut Place<'_>) {
    let faults = &mut place.faults;
    container(service, faults);
    let Some(task) = &body.task_template else { return };
    let grace = task.container_spec.as_ref().and_then(|container| container.stop_grace_period);
    within(service, &["stop_grace_period"], grace, STOP_GRACE, faults);
    rollout(service, body, faults);
    let restart = task.restart_policy.as_ref();
    let path = ["deploy", "restart_policy", "delay"];
    within(service, &path, restart.and_then(|restart| restart.delay), update::RESTART_DELAY, faults);
    let Some(resources) = &task.resources else { return };
    let (limit, reserved) = (resources.limits.as_ref(), resources.reservations.as_ref());
    for (part, key, memory, cpus) in [
        ("limits", "mem_limit", limit.and_then(|l| l.memory_bytes), limit.and_then(|l| l.nano_cpus)),
        (
            "reservations",
            "mem_reservation",
            reserved.and_then(|r| r.memory_bytes),
            reserved.and_then(|r| r.nano_cpus),
        ),
    ] {
        if memory.is_some_and(|bytes| bytes != 0 && !limits::MEMORY.holds(bytes)) {
            let (least, most) = (show_size(limits::MEMORY.least), show_size(limits::MEMORY.most));
            let path: &[&str] =
                if service.fields.has(key) { &[key] } else { &["deploy", "resources", part, "memory"] };
            service.fault(path, "out_of_range", format!("must be from {least} to {most}"), faults);
        }
        if cpus.is_some_and(|nanos| nanos != 0 && !limits::CPUS.holds(nanos)) {
            let (least, most) = (show_cpus(limits::CPUS.least), show_cpus(limits::CPUS.most));
            let path: &[&str] =
                if service.fields.has("cpus") { &["cpus"] } else { &["deploy", "resources", part, "cpus"] };
            service.fault(path, "out_of_range", format!("must be from {least} to {most}"), faults);
        }
    }
}

fn rollout(service: &Service<'_>, body: &ServiceSpec, faults: &mut Faults) {
    let (up, down) = (body.update_config.as_ref(), body.rollback_config.as_ref());
    for (block, parallelism, delay, monitor) in [
        (
            "update_config",
            up.and_then(|b| b.parallelism),
            up.and_then(|b| b.delay),
            up.and_then(|b| b.monitor),
        ),
        (
            "rollback_config",
            down.and_then(|b| b.parallelism),
            down.and_then(|b| b.delay),
            down.and_then(|b| b.monitor),
        ),
    ] {
        let path = |key| ["deploy", block, key];
        // What a rollback takes from the update was told there.
        if service.find(&["deploy", block]).is_none() {
            continue;
        }
        within(service, &path("delay"), delay, update::DELAY, faults);
        within(service, &path("monitor"), monitor, update::MONITOR, faults);
        if parallelism.is_some_and(|count| !(0..=1000).contains(&count)) {
            let rule = "must be from 0 (all at once) to 1000";
            service.fault(&path("parallelism"), "out_of_range", rule, faults);
        }
    }
}

fn container(service: &Service<'_>, faults: &mut Faults) {
    let signal: fn(&str) -> bool = text::signal;
    // Swarm fills in templates for each task.
    let hostname: fn(&str) -> bool = |name| name.contains("{{") || text::alias(name);
    for (key, rule, message) in [
        ("stop_signal", signal, "must be a signal by name or number: `SIGTERM`"),
        ("user", text::user, "must be a name or number, and a group after a colon"),
        ("hostname", hostname, "must be a host name"),
    ] {
        if let Some(at) = service.fields.get(key)
            && let Some(text) = at.text(&mut Faults::default())
            && !rule(text)
        {
            at.fault("invalid_value", message, faults);
        }
    }
    if !text::name(service.name) {
        service.at.fault("invalid_name", "must be a name of letters, digits, `-` and `_`", faults);
    }
}
