//! How new tasks take the place of old ones, where the file does not say: as for an app, one at a
//! time, start-first unless a volume or a port of the node forbids it, back to the version before
//! on failure. A file that counts on the routing mesh may say start-first of a service with ports:
//! where there is no mesh, two tasks cannot have one port of a node, and the old one stops first.

use bollard_stubs::models::{
    EndpointPortConfigPublishModeEnum as PublishMode, ServiceSpec,
    ServiceSpecRollbackConfigFailureActionEnum as RollbackAction,
    ServiceSpecRollbackConfigOrderEnum as RollbackOrder,
    ServiceSpecUpdateConfigFailureActionEnum as UpdateAction,
    ServiceSpecUpdateConfigOrderEnum as UpdateOrder, TaskSpecRestartPolicyConditionEnum as Condition,
};

use super::{Place, Service, task};
use crate::{
    compose::{read::At, restart},
    fault::Faults,
    replicas::single_writer,
    units::SECOND,
    volumes,
};

pub(super) fn place(service: &Service<'_>, body: &mut ServiceSpec, job: bool, place: &mut Place<'_>) {
    restart_policy(service, body, job, place);
    if job {
        // A job is not rolled out: it runs again.
        (body.update_config, body.rollback_config) = (None, None);
        return;
    }
    let ports = body.endpoint_spec.iter().flat_map(|endpoint| endpoint.ports.iter().flatten());
    let host_port = ports.clone().any(|port| port.publish_mode == Some(PublishMode::HOST));
    let stop_first = volumes::of(body).next().is_some() || host_port || single_writer(body);
    let usual = if stop_first { UpdateOrder::STOP_FIRST } else { UpdateOrder::START_FIRST };

    let up = body.update_config.get_or_insert_default();
    up.parallelism.get_or_insert(1);
    up.delay.get_or_insert(0);
    up.failure_action.get_or_insert(UpdateAction::ROLLBACK);
    up.monitor.get_or_insert(5 * SECOND);
    up.max_failure_ratio = Some(up.max_failure_ratio.unwrap_or(0.0).clamp(0.0, 1.0));
    let mut order = *up.order.get_or_insert(usual);
    if host_port && order == UpdateOrder::START_FIRST && !meant(service) {
        order = UpdateOrder::STOP_FIRST;
        up.order = Some(order);
        let rule = "is `stop-first` on this cluster, which has no routing mesh: the old task holds the port of the node";
        service.fault(&["deploy", "update_config", "order"], "stop_first", rule, &mut place.notes);
    }
    let (parallelism, monitor) = (up.parallelism, up.monitor);

    let turned = host_port && !meant(service);
    let written = body.rollback_config.is_some();
    let down = body.rollback_config.get_or_insert_default();
    if !written {
        down.parallelism = parallelism;
    }
    down.parallelism = down.parallelism.or(parallelism);
    down.delay.get_or_insert(0);
    down.failure_action.get_or_insert(RollbackAction::PAUSE);
    down.monitor = down.monitor.or(monitor);
    down.max_failure_ratio = Some(down.max_failure_ratio.unwrap_or(0.0).clamp(0.0, 1.0));
    down.order.get_or_insert(match order {
        UpdateOrder::STOP_FIRST => RollbackOrder::STOP_FIRST,
        _ => RollbackOrder::START_FIRST,
    });
    if turned {
        down.order = Some(RollbackOrder::STOP_FIRST);
    }
}

/// The file publishes ports of the node by its own word: whoever wrote it knows what that means.
fn meant(service: &Service<'_>) -> bool {
    let list = service.find(&["ports"]).map(|at| at.list(&mut Faults::default())).unwrap_or_default();
    let host =
        |at: &At<'_>| at.entry("mode").is_some_and(|at| at.text(&mut Faults::default()) == Some("host"));
    list.iter().any(host)
}

/// Tasks start again, those of a job only after a failure; `restart: no` holds.
fn restart_policy(service: &Service<'_>, body: &mut ServiceSpec, job: bool, place: &mut Place<'_>) {
    let usual = if job { Condition::ON_FAILURE } else { Condition::ANY };
    let policy = task(body).restart_policy.get_or_insert_default();
    let by_policy = service.find(&["deploy", "restart_policy"]).is_some();
    if let (false, Some(at)) = (by_policy, service.fields.get("restart")) {
        let said = restart::read(at, &mut Faults::default()).map(|(condition, _)| condition);
        if said == Some(Condition::NONE) && at.text(&mut Faults::default()) != Some("") {
            policy.condition = Some(Condition::NONE);
        }
        if job && said == Some(Condition::ANY) {
            let rule = "cannot be of a job, which ends: write `on-failure` or `no`";
            at.fault("invalid_choice", rule, &mut place.faults);
        }
    }
    if job && by_policy && policy.condition == Some(Condition::ANY) {
        let path = ["deploy", "restart_policy", "condition"];
        let rule = "must be `none` or `on-failure` for a job";
        service.fault(&path, "invalid_choice", rule, &mut place.faults);
    }
    policy.condition.get_or_insert(usual);
    policy.delay.get_or_insert(5 * SECOND);
    policy.window = policy.window.filter(|window| *window > 0);
    policy.max_attempts = policy.max_attempts.filter(|count| *count > 0);
}
