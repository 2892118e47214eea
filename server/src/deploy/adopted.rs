//! Services that still run as `docker stack deploy` made them: they are kept to the letter, so that
//! a stack that was adopted restarts no task, until its owner changes a service (its part of the
//! file, a variable, a domain that leads to it). Then it becomes a service as any other.
//!
//! Nothing is remembered for it: what the docker CLI would send for the file is compared with what
//! runs. A service of our own making is never equal to that.

use std::collections::{BTreeMap, BTreeSet};

use skep_stack::{
    compose::{
        Context, convert,
        load::{Dialect, LoadInput, Source, Unset, load},
    },
    labels,
    models::{Network, NetworkCreateRequest, Service, ServiceSpec},
    observed::Observed,
    plan::plan,
    policy::Inherited,
    spec::StackSpec,
    vip,
};

use crate::domain::app::App;

/// Puts back into `spec` what runs as the docker CLI would make it, which is `plain`; names of the
/// services.
pub(super) fn keep(spec: &mut StackSpec, plain: StackSpec, observed: &Observed) -> Vec<String> {
    let mut kept = Vec::new();
    for (name, made) in &mut spec.services {
        let (Some(wanted), Some(running)) = (plain.services.get(name), observed.services.get(name)) else {
            continue;
        };
        if let Some(body) = as_it_runs(name, wanted, made, running, &plain, observed) {
            *made = body;
            kept.push(name.clone());
        }
    }
    for name in &kept {
        let (configs, secrets) = references(&spec.services[name]);
        spec.configs.extend(plain.configs.clone().into_iter().filter(|(name, _)| configs.contains(name)));
        spec.secrets.extend(plain.secrets.clone().into_iter().filter(|(name, _)| secrets.contains(name)));
    }
    if !kept.is_empty() {
        spec.networks
            .extend(plain.networks.into_iter().filter(|(name, _)| observed.networks.contains_key(name)));
        let (mut configs, mut secrets) = (BTreeSet::new(), BTreeSet::new());
        for service in spec.services.values() {
            let (c, s) = references(service);
            configs.extend(c);
            secrets.extend(s);
        }
        spec.configs.retain(|name, _| configs.contains(name));
        spec.secrets.retain(|name, _| secrets.contains(name));
    }
    kept
}

/// What the docker CLI would send; none if it would refuse the file, or if nothing runs that may be
/// of its making.
pub(super) fn plain(
    stack: &str,
    sources: &[Source<'_>],
    vars: &BTreeMap<String, String>,
    files: &BTreeMap<String, Vec<u8>>,
    inherited: &Inherited,
    observed: &Observed,
) -> Option<StackSpec> {
    let running = observed.services.values().filter_map(|service| service.spec.as_ref());
    if !running.into_iter().any(vip::inherited) {
        return None;
    }
    let input = LoadInput {
        files: sources,
        vars,
        unset: Unset::Refuse,
        profiles: &[],
        more: files,
        dialect: Dialect::Compose,
    };
    let project = load(&input).ok()?;
    let read = |path: &str| files.get(path).cloned();
    let context = Context { stack, vars, files: &read, directory: None, home: None, inherited };
    Some(convert(&project, context).ok()?.spec)
}

/// The body that changes no task of the running service; none if there is a difference.
fn as_it_runs(
    name: &str,
    wanted: &ServiceSpec,
    made: &ServiceSpec,
    running: &Service,
    plain: &StackSpec,
    observed: &Observed,
) -> Option<ServiceSpec> {
    let runs = running.spec.as_ref()?;
    let made_labels = made.labels.as_ref()?;
    if made_labels.contains_key(labels::EDGE) {
        return None;
    }
    let mut body = wanted.clone();
    let labels = body.labels.get_or_insert_default();
    for key in [labels::APP, labels::DEPLOYMENT] {
        labels.insert(key.to_owned(), made_labels.get(key)?.clone());
    }
    for key in [labels::REPLICAS, labels::SINGLE_WRITER] {
        labels.extend(made_labels.get(key).map(|value| (key.to_owned(), value.clone())));
    }
    body.mode.clone_from(&made.mode);
    let image = image(runs)?;
    if !same_image(image, self::image(made)?, self::image(wanted)?) {
        return None;
    }
    body.task_template.as_mut()?.container_spec.as_mut()?.image = Some(image.to_owned());
    let (configs, secrets) = references(&body);
    // The content of a secret cannot be compared.
    let comparable = secrets.iter().all(|name| !plain.secrets.contains_key(name));
    let same =
        configs.iter().filter_map(|name| Some((name, plain.configs.get(name)?))).all(|(name, config)| {
            let stored = observed.configs.get(name).and_then(|stored| stored.spec.as_ref());
            stored.is_some_and(|stored| stored.data == config.data)
        });
    if !comparable || !same {
        return None;
    }
    let one = StackSpec {
        name: plain.name.clone(),
        services: BTreeMap::from([(name.to_owned(), body.clone())]),
        ..StackSpec::default()
    };
    let beside = Observed {
        services: BTreeMap::from([(name.to_owned(), running.clone())]),
        network_names: observed.network_names.clone(),
        ..Observed::default()
    };
    let lines = plan(&one, &beside).lines();
    lines.iter().all(|line| line.action == "update_service" && !line.restarts).then_some(body)
}

fn image(service: &ServiceSpec) -> Option<&str> {
    service.task_template.as_ref()?.container_spec.as_ref()?.image.as_deref()
}

/// What runs is what the file names: the image that a deployment pins has its digest, or nobody
/// pinned either.
fn same_image(runs: &str, pinned: &str, written: &str) -> bool {
    match (runs.split_once('@'), pinned.split_once('@')) {
        (Some((name, digest)), Some((_, known))) => {
            digest == known && (name == written || written.split('@').next() == Some(name))
        }
        (Some((name, _)), None) => name == written,
        (None, _) => runs == written,
    }
}

/// Names of the configs and secrets of a service.
fn references(service: &ServiceSpec) -> (BTreeSet<String>, BTreeSet<String>) {
    let container = service.task_template.as_ref().and_then(|task| task.container_spec.as_ref());
    let configs = container.into_iter().flat_map(|container| container.configs.iter().flatten());
    let secrets = container.into_iter().flat_map(|container| container.secrets.iter().flatten());
    (
        configs.filter_map(|config| config.config_name.clone()).collect(),
        secrets.filter_map(|secret| secret.secret_name.clone()).collect(),
    )
}

/// What runs of the services that are wanted, as a release of the app: networks by name, and the
/// label by which it is known.
#[must_use]
pub fn as_release(app: &App, observed: &Observed, wanted: &StackSpec) -> StackSpec {
    let owner = app.id.to_string();
    let service = |(name, service): (&String, &Service)| {
        let mut body = service.spec.clone()?;
        body.labels.get_or_insert_default().insert(labels::APP.to_owned(), owner.clone());
        let task = body.task_template.get_or_insert_default();
        for network in task.networks.iter_mut().flatten().chain(body.networks.iter_mut().flatten()) {
            let id = network.target.clone().unwrap_or_default();
            network.target = Some(observed.network_names.get(&id).cloned().unwrap_or(id));
        }
        Some((name.clone(), body))
    };
    let network = |(name, network): (&String, &Network)| {
        let body = NetworkCreateRequest {
            name: name.clone(),
            driver: network.driver.clone().filter(|driver| !driver.is_empty()),
            attachable: network.attachable,
            internal: network.internal,
            labels: network.labels.clone(),
            ..NetworkCreateRequest::default()
        };
        (name.clone(), body)
    };
    StackSpec {
        name: app.stack.clone(),
        services: observed
            .services
            .iter()
            .filter(|(name, _)| wanted.services.contains_key(*name))
            .filter_map(service)
            .collect(),
        networks: observed.networks.iter().map(network).collect(),
        configs: observed.configs.iter().filter_map(|(n, c)| Some((n.clone(), c.spec.clone()?))).collect(),
        secrets: observed.secrets.iter().filter_map(|(n, s)| Some((n.clone(), s.spec.clone()?))).collect(),
        ..StackSpec::default()
    }
}
