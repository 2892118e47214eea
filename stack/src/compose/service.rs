//! One service of the file to one service of Swarm: its parts put together.
//!
//! To add a part: its file, and its field in [`convert`].

use bollard_stubs::models::{EndpointSpec, ServiceSpec, TaskSpec, TaskSpecContainerSpec};

use super::{
    container,
    convert::Build,
    credential,
    declared::{self, Declared, labels},
    deploy, files, health, image, keys, mounts, networks, placement, ports,
    read::{At, Fields},
    recipe, resources, restart, rollout,
};
use crate::labels::{IMAGE, NAMESPACE};

/// Adds the service to the stack.
pub(super) fn convert(name: &str, at: &At<'_>, declared: &Declared, build: &mut Build<'_>) {
    if !declared::named(name, at, &mut build.faults) {
        return;
    }
    let fields = at.fields(&keys::SERVICE, &mut build.faults);
    keys::check(&fields, build);
    let deploy = deploy::section(&fields, &mut build.faults);
    let deploy = deploy.as_ref();
    if let Some(at) = fields.get("build") {
        recipe::check(at, &mut build.faults, &mut build.notes);
    }
    let (written, image) = image(name, at, &fields, build);

    let mut configs = files::configs(&fields, &declared.configs, build);
    let secrets = files::secrets(&fields, &declared.secrets, build);
    let mounts = mounts::convert(name, &fields, declared, build);
    let mut container = container::convert(name, &fields, build);
    if let Some((privileges, reference)) = credential::convert(&fields, &declared.configs, build) {
        container.privileges = Some(privileges);
        configs.extend(reference);
    }
    let task = TaskSpec {
        container_spec: Some(TaskSpecContainerSpec {
            image: Some(image),
            health_check: health::convert(&fields, build),
            mounts: (!mounts.is_empty()).then_some(mounts),
            configs: (!configs.is_empty()).then_some(configs),
            secrets: (!secrets.is_empty()).then_some(secrets),
            ..container
        }),
        resources: Some(resources::convert(&fields, deploy, build)),
        restart_policy: restart::convert(name, &fields, deploy, build),
        placement: Some(placement::convert(&fields, deploy, build)),
        networks: Some(networks::convert(name, &fields, declared, build)),
        log_driver: container::logging(&fields, &mut build.faults),
        ..Default::default()
    };
    let ports = ports::convert(name, &fields, build);
    let mut all_labels = labels(deploy.and_then(|deploy| deploy.get("labels")), &mut build.faults);
    all_labels.insert(NAMESPACE.to_owned(), build.context.stack.to_owned());
    all_labels.insert(IMAGE.to_owned(), written);
    let service = ServiceSpec {
        name: Some(build.scoped(name)),
        labels: Some(all_labels),
        task_template: Some(task),
        mode: Some(deploy::mode(&fields, deploy, &mut build.faults)),
        update_config: rollout::update(name, deploy, build),
        rollback_config: rollout::rollback(name, deploy, build),
        endpoint_spec: Some(EndpointSpec {
            mode: deploy::endpoint(name, deploy, build),
            ports: (!ports.is_empty()).then_some(ports),
        }),
        ..Default::default()
    };
    build.spec.services.insert(build.scoped(name), service);
}

/// The image as it is written, and as it is sent. What is to be built and has no name gets the one
/// that `docker compose` would give it.
fn image(name: &str, at: &At<'_>, fields: &Fields<'_>, build: &mut Build<'_>) -> (String, String) {
    let recipe = fields.get("build");
    let written = match fields.get("image") {
        Some(at) => at.text(&mut build.faults).unwrap_or_default().to_owned(),
        None if recipe.is_some() => format!("{}-{name}", build.context.stack).to_lowercase(),
        None => {
            at.fault("required", "must have an `image` or a `build`", &mut build.faults);
            return (String::new(), String::new());
        }
    };
    if let Some(recipe) = recipe {
        let rule = format!("must be built and pushed as `{written}`: Swarm runs images alone");
        build.note(recipe, "needs_build", rule);
    }
    let sent = image::familiar(&written).unwrap_or_else(|| {
        let rule = "must be an image reference like `ghcr.io/team/app:1.2` or `name@sha256:…`";
        let at = fields.get("image").unwrap_or(at);
        at.fault("invalid_image", rule, &mut build.faults);
        String::new()
    });
    (written, sent)
}
