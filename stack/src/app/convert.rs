//! The whole way of an app to its stack: every setting's part put together.

use std::collections::{BTreeMap, HashMap};

use bollard_stubs::models::{
    EndpointSpec, EndpointSpecModeEnum, HealthConfig, ServiceSpec, ServiceSpecMode,
    ServiceSpecModeReplicated, TaskSpec, TaskSpecContainerSpec,
};
use sha2::{Digest, Sha256};

use super::{AppSpec, ONE_WRITER, env, health, limits, mounts, networks, placement, ports, process, update};
use crate::{
    drain,
    fault::{Fault, Faults},
    labels,
    spec::StackSpec,
    writer,
};

/// Tasks of one app.
const REPLICAS_MAX: u64 = 1000;

/// Makes the stack of an app.
///
/// # Errors
/// Every fault of the settings, with paths below `settings` (variables: below `variables`).
pub fn to_stack(app: &AppSpec<'_>) -> Result<StackSpec, Vec<Fault>> {
    let mut faults = Faults::default();
    faults.unless(
        app.settings.replicas.unwrap_or(1).max(app.replicas) <= REPLICAS_MAX,
        "settings.replicas",
        "quota",
        "must be at most 1000",
    );
    let alone = app.settings.writes_volume();
    faults.unless(app.replicas <= 1 || !alone, "settings.replicas", "single_writer", ONE_WRITER);
    let container = process::convert(app, &mut faults);
    let env = env::convert(app, &mut faults);
    env::check_required(&app.settings.required, &mut faults);
    let (health_check, probed) = health::convert(app, &mut faults);
    let mounted = mounts::convert(app, probed, &mut faults);
    let (update_config, rollback_config) = update::convert(app.settings, &mut faults);
    let endpoint = ports::convert(app, &mut faults);

    let task = TaskSpec {
        resources: Some(limits::convert(app.settings, &mut faults)),
        restart_policy: Some(update::restart(app.settings, &mut faults)),
        placement: Some(placement::convert(app, &mut faults)),
        networks: Some(networks::convert(app, &mut faults)),
        container_spec: Some(TaskSpecContainerSpec {
            image: Some(app.image.to_owned()),
            env,
            mounts: (!mounted.mounts.is_empty()).then_some(mounted.mounts),
            configs: (!mounted.references.is_empty()).then_some(mounted.references),
            health_check: health_check.clone(),
            ..container
        }),
        ..Default::default()
    };
    let service = ServiceSpec {
        name: Some(app.stack.to_owned()),
        labels: Some(service_labels(app, health_check.as_ref(), &endpoint)),
        task_template: Some(task),
        mode: Some(ServiceSpecMode {
            replicated: Some(ServiceSpecModeReplicated { replicas: i64::try_from(app.replicas).ok() }),
            ..Default::default()
        }),
        update_config: Some(update_config),
        rollback_config: Some(rollback_config),
        endpoint_spec: Some(endpoint),
        ..Default::default()
    };
    let mut stack = StackSpec {
        name: app.stack.to_owned(),
        configs: mounted.configs,
        services: BTreeMap::from([(app.stack.to_owned(), service)]),
        volumes: mounted.volumes.into_iter().collect(),
        ..Default::default()
    };
    if probed {
        stack.starts.extend(app.image_words.map(|words| (app.stack.to_owned(), words.clone())));
        writer::lease(&mut stack);
        drain::apply(&mut stack);
    }
    faults.give(stack)
}

fn service_labels(
    app: &AppSpec<'_>,
    health: Option<&HealthConfig>,
    endpoint: &EndpointSpec,
) -> HashMap<String, String> {
    let mut all = labels::owned(app.stack, app.app);
    all.insert(labels::IMAGE.to_owned(), app.image.to_owned());
    all.insert(labels::DEPLOYMENT.to_owned(), app.deployment.to_string());
    if app.edge.is_some() {
        all.insert(labels::EDGE.to_owned(), "true".to_owned());
    }
    if let Some(drain) = &app.settings.drain {
        all.insert(labels::DRAIN.to_owned(), drain.clone());
    }
    if let Some(health) = health {
        all.insert(labels::HEALTH.to_owned(), fingerprint(health));
    }
    if endpoint.mode == Some(EndpointSpecModeEnum::VIP) {
        all.insert(labels::VIP.to_owned(), "true".to_owned());
    }
    all
}

/// Tells two health checks apart.
pub(crate) fn fingerprint(health: &HealthConfig) -> String {
    let text = serde_json::to_vec(health).unwrap_or_default();
    hex::encode(Sha256::digest(text))[..16].to_owned()
}

#[cfg(test)]
#[path = "convert_tests.rs"]
mod tests;
