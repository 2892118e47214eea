//! One service of the file to one service of Swarm: its parts put together.

use std::collections::BTreeSet;

use bollard_stubs::models::{
    EndpointPortConfigPublishModeEnum, EndpointSpec, EndpointSpecModeEnum, MountType, ServiceSpec, TaskSpec,
    TaskSpecContainerSpec,
};

use super::{
    Build, container,
    declared::{Declared, user_labels},
    deploy, files, health, keys, mounts, networks, outline, ports,
    read::{At, Fields},
    yaml::Value,
};
use crate::{app, labels, text};

/// Adds the service to the stack.
pub(super) fn convert(
    name: &str,
    at: &At<'_>,
    names: &BTreeSet<&str>,
    declared: &Declared,
    build: &mut Build<'_>,
) {
    if !text::name(name) {
        at.fault("invalid_name", "must be a name of letters, digits, `-` and `_`", &mut build.faults);
        return;
    }
    let fields = at.fields(&keys::service(), &mut build.faults);
    keys::check(&fields, build);
    let deploy = deploy::section(&fields, build);
    let deploy = deploy.as_ref();
    let full = build.scoped(name);

    let (mode, job) = deploy::mode(deploy, build);
    let hold = deploy::monitor(deploy, &mut build.faults);
    let (health, probed) = if job { (None, false) } else { health::convert(name, &fields, hold, build) };
    let mut configs = files::configs(&fields, &declared.configs, build);
    if let Some(bytes) = build.input.probe.filter(|_| probed) {
        let (reference, body) = app::mounts::probe(build.input.stack, build.input.app, bytes);
        build.spec.configs.insert(reference.config_name.clone().unwrap_or_default(), body);
        configs.push(reference);
    }
    let mounts = mounts::convert(&fields, declared, build);
    let pinned = mounts.iter().any(|mount| mount.typ == Some(MountType::VOLUME));
    let ports = ports::convert(&fields, build);
    let host_port =
        ports.iter().any(|port| port.publish_mode == Some(EndpointPortConfigPublishModeEnum::HOST));
    let secrets = files::secrets(&fields, &declared.secrets, build);
    let image = image(name, at, &fields, build);

    let spec = TaskSpecContainerSpec {
        image: Some(image.clone()),
        health_check: health.clone(),
        mounts: (!mounts.is_empty()).then_some(mounts),
        configs: (!configs.is_empty()).then_some(configs),
        secrets: (!secrets.is_empty()).then_some(secrets),
        ..container::convert(&fields, build)
    };
    let task = TaskSpec {
        container_spec: Some(spec),
        resources: Some(deploy::resources(deploy, &fields, &mut build.faults)),
        restart_policy: Some(deploy::restart(&fields, deploy, job, &mut build.faults)),
        placement: Some(deploy::placement(deploy, pinned, build)),
        networks: Some(networks::convert(name, &fields, declared, build)),
        log_driver: container::logging(&fields, &mut build.faults),
        ..Default::default()
    };

    let mut all_labels = labels::owned(build.input.stack, build.input.app);
    all_labels.extend(user_labels(deploy.and_then(|deploy| deploy.get("labels")), &mut build.faults));
    all_labels.insert(labels::IMAGE.to_owned(), image);
    all_labels.insert(labels::DEPLOYMENT.to_owned(), build.input.deployment.to_string());
    if build.input.routed.contains(name) {
        all_labels.insert(labels::EDGE.to_owned(), "true".to_owned());
    }
    if let Some(health) = &health {
        all_labels.insert(labels::HEALTH.to_owned(), app::convert::fingerprint(health));
    }
    let (update, rollback) = deploy::updates(deploy, pinned || host_port, &mut build.faults);
    let service = ServiceSpec {
        name: Some(full.clone()),
        labels: Some(all_labels),
        task_template: Some(task),
        mode: Some(mode),
        update_config: (!job).then_some(update),
        rollback_config: (!job).then_some(rollback),
        endpoint_spec: Some(EndpointSpec {
            mode: Some(endpoint(deploy, build)),
            ports: (!ports.is_empty()).then_some(ports),
        }),
        ..Default::default()
    };
    let after = after(&fields, names, build);
    if !after.is_empty() {
        build.spec.after.insert(full.clone(), after);
    }
    build.spec.services.insert(full, service);
}

/// The image to run: built or pinned, else as written. What is to be built has the name that the
/// build shall give it.
fn image(name: &str, at: &At<'_>, fields: &Fields<'_>, build: &mut Build<'_>) -> String {
    let written = fields.get("image").and_then(|at| at.text(&mut build.faults)).map(ToOwned::to_owned);
    if let Some(image) = build.input.images.get(name) {
        return image.clone();
    }
    if let Some(recipe) = fields.get("build") {
        let name = outline::built(build.input.stack, name, build.input.deployment);
        build.note(recipe, "needs_build", format!("is to be built as `{name}`"));
        return name;
    }
    if fields.get("image").is_none() {
        at.fault("required", "must have an `image` or a `build`", &mut build.faults);
    }
    written.unwrap_or_default()
}

fn endpoint(deploy: Option<&Fields<'_>>, build: &mut Build<'_>) -> EndpointSpecModeEnum {
    let usual = if build.input.dnsrr { EndpointSpecModeEnum::DNSRR } else { EndpointSpecModeEnum::VIP };
    let Some(at) = deploy.and_then(|deploy| deploy.get("endpoint_mode").cloned()) else { return usual };
    match at.text(&mut build.faults) {
        Some("dnsrr") => EndpointSpecModeEnum::DNSRR,
        Some("vip") if build.input.dnsrr => {
            build.note(
                &at,
                "ignored",
                "has no effect on this cluster, whose kernel has no IPVS: services answer by task addresses",
            );
            usual
        }
        Some("vip") => EndpointSpecModeEnum::VIP,
        _ => {
            at.fault("invalid_choice", "must be `vip` or `dnsrr`", &mut build.faults);
            usual
        }
    }
}

/// Final names of the services that must be healthy before this one is made.
fn after(fields: &Fields<'_>, names: &BTreeSet<&str>, build: &mut Build<'_>) -> Vec<String> {
    let Some(at) = fields.get("depends_on") else { return Vec::new() };
    let needs: Vec<(String, At<'_>)> = match &at.node.value {
        Value::Map(_) => {
            let entries = at.map(&mut build.faults).unwrap_or_default();
            for (_, at) in entries.iter().filter(|(_, at)| !at.is_null()) {
                let inner = at.fields(&["condition", "restart", "required"], &mut build.faults);
                let conditions = ["service_started", "service_healthy", "service_completed_successfully"];
                if let Some(at) = inner.get("condition")
                    && at.text(&mut build.faults).is_some_and(|condition| !conditions.contains(&condition))
                {
                    at.fault(
                        "invalid_choice",
                        format!("must be one of {}", conditions.join(", ")),
                        &mut build.faults,
                    );
                }
            }
            entries.into_iter().map(|(name, at)| (name.to_owned(), at)).collect()
        }
        _ => at
            .list(&mut build.faults)
            .into_iter()
            .filter_map(|item| Some((item.text(&mut build.faults)?.to_owned(), item)))
            .collect(),
    };
    let mut all = BTreeSet::new();
    for (name, at) in needs {
        if names.contains(name.as_str()) {
            all.insert(build.scoped(&name));
        } else {
            at.fault("unknown_service", "names no service of this file", &mut build.faults);
        }
    }
    all.into_iter().collect()
}
