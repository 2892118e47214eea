//! The `deploy` section, and `restart`.
//!
//! What is not written is as for an app: one task replaced at a time, start-first unless a volume
//! or a port of the node forbids it, back to the version before on failure.

use bollard_stubs::models::{
    GenericResourcesInner, GenericResourcesInnerDiscreteResourceSpec, Limit, ResourceObject, ServiceSpecMode,
    ServiceSpecModeReplicated, ServiceSpecModeReplicatedJob, ServiceSpecRollbackConfig,
    ServiceSpecRollbackConfigFailureActionEnum as RollbackAction,
    ServiceSpecRollbackConfigOrderEnum as RollbackOrder, ServiceSpecUpdateConfig,
    ServiceSpecUpdateConfigFailureActionEnum as UpdateAction,
    ServiceSpecUpdateConfigOrderEnum as UpdateOrder, TaskSpecPlacement, TaskSpecPlacementPreferences,
    TaskSpecPlacementSpread, TaskSpecResources, TaskSpecRestartPolicy,
    TaskSpecRestartPolicyConditionEnum as Condition,
};

use super::{
    Build,
    container::range,
    read::{At, Fields},
};
use crate::{
    app::{limits, range::Range, update},
    fault::Faults,
    text, units,
    units::SECOND,
};

const KNOWN: [&str; 10] = [
    "mode",
    "replicas",
    "labels",
    "update_config",
    "rollback_config",
    "restart_policy",
    "placement",
    "resources",
    "endpoint_mode",
    "job",
];

/// The section's fields; none of them if it is not there.
pub(super) fn section<'n>(service: &Fields<'n>, build: &mut Build<'_>) -> Option<Fields<'n>> {
    Some(service.get("deploy")?.fields(&KNOWN, &mut build.faults))
}

fn inner<'n>(
    deploy: Option<&Fields<'n>>,
    key: &str,
    known: &[&str],
    faults: &mut Faults,
) -> Option<Fields<'n>> {
    Some(deploy?.get(key)?.fields(known, faults))
}

/// How many tasks, and whether it is a job (which ends).
pub(super) fn mode(deploy: Option<&Fields<'_>>, build: &mut Build<'_>) -> (ServiceSpecMode, bool) {
    let faults = &mut build.faults;
    let get = |key: &str| deploy.and_then(|deploy| deploy.get(key));
    let replicas_at = get("replicas");
    let replicas = replicas_at.and_then(|at| at.int(faults));
    let (mode_at, mode) = (get("mode"), get("mode").and_then(|at| at.text(faults)).unwrap_or("replicated"));
    if let (Some(at), true) = (replicas_at, mode.starts_with("global")) {
        at.fault("invalid_choice", "does not go with a global mode: there is one task on each node", faults);
    }
    let count = if build.input.stopped { 0 } else { replicas.unwrap_or(1) };
    match mode {
        "replicated" => {
            let replicated = Some(ServiceSpecModeReplicated { replicas: Some(count) });
            (ServiceSpecMode { replicated, ..Default::default() }, false)
        }
        "replicated-job" => {
            let job =
                ServiceSpecModeReplicatedJob { max_concurrent: Some(count), total_completions: Some(count) };
            (ServiceSpecMode { replicated_job: Some(job), ..Default::default() }, true)
        }
        "global" => (ServiceSpecMode { global: Some(Default::default()), ..Default::default() }, false),
        "global-job" => {
            (ServiceSpecMode { global_job: Some(Default::default()), ..Default::default() }, true)
        }
        _ => {
            if let Some(at) = mode_at {
                at.fault(
                    "invalid_choice",
                    "must be `replicated`, `global`, `replicated-job` or `global-job`",
                    faults,
                );
            }
            (ServiceSpecMode::default(), false)
        }
    }
}

/// How long a new task must stay healthy before the old one goes; nanoseconds.
pub(super) fn monitor(deploy: Option<&Fields<'_>>, faults: &mut Faults) -> i64 {
    let at = deploy.and_then(|deploy| deploy.get("update_config")).and_then(|at| at.map(faults));
    let at = at.and_then(|entries| entries.into_iter().find(|(key, at)| *key == "monitor" && !at.is_null()));
    at.and_then(|(_, at)| bounded(&at, update::MONITOR, faults)).unwrap_or(5 * SECOND)
}

/// A duration within its range.
pub(super) fn bounded(at: &At<'_>, bounds: Range, faults: &mut Faults) -> Option<i64> {
    let nanos = at.duration(faults)?;
    if !bounds.holds(nanos) {
        at.fault("out_of_range", range(bounds.least, bounds.most), faults);
    }
    Some(nanos)
}

/// What update and rollback have in common.
struct Rollout {
    parallelism: i64,
    delay: i64,
    ratio: f64,
    monitor: i64,
    start_first: bool,
    action: Option<String>,
}

fn rollout(deploy: Option<&Fields<'_>>, key: &str, usual: &Rollout, faults: &mut Faults) -> Rollout {
    let known = ["parallelism", "delay", "failure_action", "monitor", "max_failure_ratio", "order"];
    let fields = inner(deploy, key, &known, faults);
    let get = |key: &str| fields.as_ref().and_then(|fields| fields.get(key));
    let order = get("order").and_then(|at| match at.text(faults) {
        Some("start-first") => Some(true),
        Some("stop-first") => Some(false),
        _ => {
            at.fault("invalid_choice", "must be `start-first` or `stop-first`", faults);
            None
        }
    });
    let parallelism = get("parallelism").and_then(|at| at.int(faults));
    if let (Some(at), Some(false)) =
        (get("parallelism"), parallelism.map(|count| (0..=1000).contains(&count)))
    {
        at.fault("out_of_range", "must be from 0 (all at once) to 1000", faults);
    }
    Rollout {
        parallelism: parallelism.unwrap_or(usual.parallelism),
        delay: get("delay").and_then(|at| bounded(at, update::DELAY, faults)).unwrap_or(0),
        ratio: get("max_failure_ratio").and_then(|at| at.float(faults)).unwrap_or(0.0).clamp(0.0, 1.0),
        monitor: get("monitor").and_then(|at| bounded(at, update::MONITOR, faults)).unwrap_or(usual.monitor),
        start_first: order.unwrap_or(usual.start_first),
        action: get("failure_action").and_then(|at| at.text(faults)).map(ToOwned::to_owned),
    }
}

/// The engine's update and rollback blocks.
pub(super) fn updates(
    deploy: Option<&Fields<'_>>,
    stop_first: bool,
    faults: &mut Faults,
) -> (ServiceSpecUpdateConfig, ServiceSpecRollbackConfig) {
    let usual = Rollout {
        parallelism: 1,
        delay: 0,
        ratio: 0.0,
        monitor: 5 * SECOND,
        start_first: !stop_first,
        action: None,
    };
    let up = rollout(deploy, "update_config", &usual, faults);
    let down = rollout(deploy, "rollback_config", &Rollout { action: None, ..up_like(&up) }, faults);
    let mut choice = |path: &str, action: Option<&str>, all: &[&str]| {
        if let Some(action) = action.filter(|action| !all.contains(action)) {
            let message = format!("`{}` is none of {}", action.escape_debug(), all.join(", "));
            if let Some(at) = deploy.and_then(|deploy| deploy.get(path)) {
                at.fault("invalid_choice", message, faults);
            }
        }
    };
    choice("update_config", up.action.as_deref(), &["rollback", "pause", "continue"]);
    choice("rollback_config", down.action.as_deref(), &["pause", "continue"]);
    let config = ServiceSpecUpdateConfig {
        parallelism: Some(up.parallelism),
        delay: Some(up.delay),
        failure_action: Some(match up.action.as_deref() {
            Some("pause") => UpdateAction::PAUSE,
            Some("continue") => UpdateAction::CONTINUE,
            _ => UpdateAction::ROLLBACK,
        }),
        monitor: Some(up.monitor),
        max_failure_ratio: Some(up.ratio),
        order: Some(if up.start_first { UpdateOrder::START_FIRST } else { UpdateOrder::STOP_FIRST }),
    };
    let rollback = ServiceSpecRollbackConfig {
        parallelism: Some(down.parallelism),
        delay: Some(down.delay),
        failure_action: Some(match down.action.as_deref() {
            Some("continue") => RollbackAction::CONTINUE,
            _ => RollbackAction::PAUSE,
        }),
        monitor: Some(down.monitor),
        max_failure_ratio: Some(down.ratio),
        order: Some(if down.start_first { RollbackOrder::START_FIRST } else { RollbackOrder::STOP_FIRST }),
    };
    (config, rollback)
}

fn up_like(up: &Rollout) -> Rollout {
    Rollout {
        parallelism: up.parallelism,
        delay: 0,
        ratio: 0.0,
        monitor: up.monitor,
        start_first: up.start_first,
        action: None,
    }
}

/// `deploy.restart_policy`, else `restart`.
pub(super) fn restart(
    service: &Fields<'_>,
    deploy: Option<&Fields<'_>>,
    job: bool,
    faults: &mut Faults,
) -> TaskSpecRestartPolicy {
    let usual = if job { Condition::ON_FAILURE } else { Condition::ANY };
    let mut policy =
        TaskSpecRestartPolicy { condition: Some(usual), delay: Some(5 * SECOND), ..Default::default() };
    let fields = inner(deploy, "restart_policy", &["condition", "delay", "max_attempts", "window"], faults);
    let Some(fields) = fields else {
        if let Some(at) = service.get("restart") {
            by_key(at, &mut policy, job, faults);
        }
        return policy;
    };
    if let Some(at) = fields.get("condition") {
        policy.condition = match at.text(faults) {
            Some("any") if job => {
                at.fault("invalid_choice", "must be `none` or `on-failure` for a job", faults);
                None
            }
            Some("any") => Some(Condition::ANY),
            Some("on-failure") => Some(Condition::ON_FAILURE),
            Some("none") => Some(Condition::NONE),
            _ => {
                at.fault("invalid_choice", "must be `any`, `on-failure` or `none`", faults);
                None
            }
        };
    }
    policy.delay =
        fields.get("delay").and_then(|at| bounded(at, update::RESTART_DELAY, faults)).or(policy.delay);
    policy.window = fields.get("window").and_then(|at| at.duration(faults)).filter(|window| *window > 0);
    policy.max_attempts = fields.get("max_attempts").and_then(|at| at.int(faults)).filter(|count| *count > 0);
    policy
}

fn by_key(at: &At<'_>, policy: &mut TaskSpecRestartPolicy, job: bool, faults: &mut Faults) {
    let Some(text) = at.text(faults) else { return };
    let (name, count) = text.split_once(':').map_or((text, None), |(name, count)| (name, Some(count)));
    match (name, count.map(str::parse::<u32>)) {
        ("no", None) => policy.condition = Some(Condition::NONE),
        ("always" | "unless-stopped", None) if !job => policy.condition = Some(Condition::ANY),
        ("on-failure", None) => policy.condition = Some(Condition::ON_FAILURE),
        ("on-failure", Some(Ok(count))) => {
            policy.condition = Some(Condition::ON_FAILURE);
            policy.max_attempts = Some(i64::from(count)).filter(|count| *count > 0);
        }
        _ => at.fault(
            "invalid_choice",
            "must be `no`, `always`, `unless-stopped`, `on-failure` or `on-failure:3`",
            faults,
        ),
    }
}

/// The file's constraints and preferences, the cluster's constraints, and the volumes' node.
pub(super) fn placement(
    deploy: Option<&Fields<'_>>,
    pinned: bool,
    build: &mut Build<'_>,
) -> TaskSpecPlacement {
    let fields = inner(
        deploy,
        "placement",
        &["constraints", "preferences", "max_replicas_per_node"],
        &mut build.faults,
    );
    let get = |key: &str| fields.as_ref().and_then(|fields| fields.get(key));
    let mut constraints = Vec::new();
    for at in get("constraints").map(|at| at.list(&mut build.faults)).unwrap_or_default() {
        match at.text(&mut build.faults).map(text::constraint) {
            Some(Some((key, same, value))) => {
                constraints.push(format!("{key}{}{value}", if same { "==" } else { "!=" }))
            }
            Some(None) => {
                at.fault("invalid_constraint", "must be like `node.labels.disk == ssd`", &mut build.faults)
            }
            None => {}
        }
    }
    constraints.extend(build.input.constraints.iter().cloned());
    if let Some(node) = build.input.volume_node.filter(|_| pinned) {
        constraints.push(format!("node.id=={node}"));
    }
    let mut preferences = Vec::new();
    for at in get("preferences").map(|at| at.list(&mut build.faults)).unwrap_or_default() {
        let inner = at.fields(&["spread"], &mut build.faults);
        match inner.get("spread").and_then(|at| at.text(&mut build.faults)) {
            Some(key) if text::node_key(key) => preferences.push(TaskSpecPlacementPreferences {
                spread: Some(TaskSpecPlacementSpread { spread_descriptor: Some(key.to_owned()) }),
            }),
            _ => at.fault(
                "invalid_spread",
                "must be a label to spread over: `spread: node.labels.zone`",
                &mut build.faults,
            ),
        }
    }
    TaskSpecPlacement {
        constraints: (!constraints.is_empty()).then_some(constraints),
        preferences: (!preferences.is_empty()).then_some(preferences),
        max_replicas: get("max_replicas_per_node")
            .and_then(|at| at.int(&mut build.faults))
            .filter(|count| *count > 0),
        platforms: None,
    }
}

/// Limits and reservations.
pub(super) fn resources(
    deploy: Option<&Fields<'_>>,
    service: &Fields<'_>,
    faults: &mut Faults,
) -> TaskSpecResources {
    let Some(fields) = inner(deploy, "resources", &["limits", "reservations"], faults) else {
        let memory = service.get("mem_limit").and_then(|at| memory(at, faults));
        let limits = Limit { memory_bytes: memory, ..Default::default() };
        return TaskSpecResources {
            limits: Some(limits),
            reservations: Some(ResourceObject::default()),
            ..Default::default()
        };
    };
    let limited = inner(Some(&fields), "limits", &["cpus", "memory", "pids"], faults);
    let reserved =
        inner(Some(&fields), "reservations", &["cpus", "memory", "generic_resources", "devices"], faults);
    if let Some(at) = field(reserved.as_ref(), "devices") {
        at.fault(
            "not_allowed",
            "is not known to Swarm: use `generic_resources`, which the owner can grant",
            faults,
        );
    }
    let limits = Limit {
        nano_cpus: field(limited.as_ref(), "cpus").and_then(|at| cpus(&at, faults)),
        memory_bytes: field(limited.as_ref(), "memory").and_then(|at| memory(&at, faults)),
        pids: field(limited.as_ref(), "pids").and_then(|at| at.int(faults)).filter(|pids| *pids > 0),
    };
    let reservations = ResourceObject {
        nano_cpus: field(reserved.as_ref(), "cpus").and_then(|at| cpus(&at, faults)),
        memory_bytes: field(reserved.as_ref(), "memory").and_then(|at| memory(&at, faults)),
        generic_resources: field(reserved.as_ref(), "generic_resources").map(|at| generic(&at, faults)),
    };
    TaskSpecResources { limits: Some(limits), reservations: Some(reservations), ..Default::default() }
}

fn field<'n>(part: Option<&Fields<'n>>, key: &str) -> Option<At<'n>> {
    part?.get(key).cloned()
}

fn memory(at: &At<'_>, faults: &mut Faults) -> Option<i64> {
    let bytes = at.size(faults)?;
    if !limits::MEMORY.holds(bytes) {
        at.fault(
            "out_of_range",
            format!(
                "must be from {} to {}",
                units::show_size(limits::MEMORY.least),
                units::show_size(limits::MEMORY.most)
            ),
            faults,
        );
    }
    Some(bytes)
}

fn cpus(at: &At<'_>, faults: &mut Faults) -> Option<i64> {
    let nanos = at.cpus(faults)?;
    if !limits::CPUS.holds(nanos) {
        at.fault(
            "out_of_range",
            format!(
                "must be from {} to {}",
                units::show_cpus(limits::CPUS.least),
                units::show_cpus(limits::CPUS.most)
            ),
            faults,
        );
    }
    Some(nanos)
}

fn generic(at: &At<'_>, faults: &mut Faults) -> Vec<GenericResourcesInner> {
    let mut all = Vec::new();
    for item in at.list(faults) {
        let outer = item.fields(&["discrete_resource_spec"], faults);
        let Some(spec) = outer.get("discrete_resource_spec").map(|at| at.fields(&["kind", "value"], faults))
        else {
            continue;
        };
        all.push(GenericResourcesInner {
            named_resource_spec: None,
            discrete_resource_spec: Some(GenericResourcesInnerDiscreteResourceSpec {
                kind: spec.get("kind").and_then(|at| at.text(faults)).map(ToOwned::to_owned),
                value: spec.get("value").and_then(|at| at.int(faults)),
            }),
        });
    }
    all
}
