//! What a container mounts: volumes of the app, configs and secrets by their new names, memory,
//! and paths of the source, which become configs (see `folder`) or volumes (see `absent`).

use std::collections::BTreeSet;

use bollard_stubs::models::{Mount, MountTmpfsOptions, MountType, ServiceSpec};

use super::{
    Place, Service,
    folder::{self, Bound},
    inner,
    objects::Kind,
};
use crate::{app, compose::yaml::Value, fault::Faults, labels, units};

/// Sets mounts, configs and secrets; `probed` adds the probe.
pub(super) fn place(service: &Service<'_>, body: &mut ServiceSpec, probed: bool, place: &mut Place<'_>) {
    let container = inner(body);
    let mut mounts: Vec<Mount> = Vec::new();
    let mut files = Vec::new();
    for (i, mut mount) in container.mounts.take().unwrap_or_default().into_iter().enumerate() {
        match mount.typ {
            Some(MountType::VOLUME) => volume(&mut mount, place),
            Some(MountType::TMPFS) => mode(service, i, &mut mount, place),
            Some(MountType::BIND) => {
                match folder::convert(service, i, mount, place) {
                    Bound::Files(found) => files.extend(found),
                    Bound::Mount(mount) => mounts.push(*mount),
                }
                continue;
            }
            _ => {
                let list = service.find(&["volumes"]).map(|at| at.list(&mut Faults::default()));
                let at = list.and_then(|list| list.into_iter().nth(i)).unwrap_or_else(|| service.at.clone());
                let rule = "must have the type `volume`, `tmpfs` (without a source) or `bind`";
                at.fault("invalid_mount", rule, &mut place.faults);
            }
        }
        mounts.push(mount);
    }
    mounts.extend(memory(service, place));
    mounts.iter_mut().for_each(tidy);
    twice(service, &mounts, place);
    container.mounts = (!mounts.is_empty()).then_some(mounts);

    let mut configs = container.configs.take().unwrap_or_default();
    for config in &mut configs {
        if let Some(name) = config.config_name.as_ref().and_then(|name| place.renamed(Kind::Config, name)) {
            config.config_name = Some(name);
        }
        if let Some(file) = &mut config.file {
            file.name = file.name.as_deref().map(|name| target(service, "configs", name, place));
            permissions(service, "configs", file.mode, place);
        }
    }
    let mut secrets = container.secrets.take().unwrap_or_default();
    for secret in &mut secrets {
        if let Some(name) = secret.secret_name.as_ref().and_then(|name| place.renamed(Kind::Secret, name)) {
            secret.secret_name = Some(name);
        }
        if let Some(file) = &mut secret.file {
            target(service, "secrets", file.name.as_deref().unwrap_or_default(), place);
            permissions(service, "secrets", file.mode, place);
        }
    }
    configs.extend(files);
    configs.sort_by(|a, b| a.config_name.cmp(&b.config_name));
    secrets.sort_by(|a, b| a.secret_name.cmp(&b.secret_name));
    if let Some(bytes) = place.input.probe.filter(|_| probed) {
        let (reference, body) = app::mounts::probe(place.input.stack, place.input.app, bytes);
        place.spec.configs.insert(reference.config_name.clone().unwrap_or_default(), body);
        configs.push(reference);
    }
    container.configs = (!configs.is_empty()).then_some(configs);
    container.secrets = (!secrets.is_empty()).then_some(secrets);
}

fn volume(mount: &mut Mount, place: &Place<'_>) {
    if let Some(name) = mount.source.as_ref().and_then(|name| place.renamed(Kind::Volume, name)) {
        mount.source = Some(name);
    }
    if let Some(options) = &mut mount.volume_options {
        let owned = labels::owned(place.input.stack, place.input.app);
        options.labels.get_or_insert_default().extend(owned);
    }
}

/// The permissions of memory, which the docker CLI does not pass on.
fn mode(service: &Service<'_>, i: usize, mount: &mut Mount, place: &mut Place<'_>) {
    let list = service.find(&["volumes"]).map(|at| at.list(&mut place.faults)).unwrap_or_default();
    let at = list.get(i).and_then(|at| at.entry("tmpfs")?.entry("mode"));
    if let Some(mode) = at.and_then(|at| at.int(&mut place.faults)) {
        mount.tmpfs_options.get_or_insert_default().mode = Some(mode);
    }
}

/// `tmpfs` and `shm_size` of the service.
fn memory(service: &Service<'_>, place: &mut Place<'_>) -> Vec<Mount> {
    let tmpfs = |target: &str, size_bytes: Option<i64>, mode: Option<i64>| Mount {
        target: Some(target.to_owned()),
        typ: Some(MountType::TMPFS),
        tmpfs_options: (size_bytes.is_some() || mode.is_some()).then(|| MountTmpfsOptions {
            size_bytes,
            mode,
            ..Default::default()
        }),
        ..Default::default()
    };
    let mut all = Vec::new();
    if let Some(at) = service.fields.get("tmpfs") {
        for text in at.text_or_list(&mut place.faults) {
            let (target, options) = text.split_once(':').unwrap_or((&text, ""));
            let option = |name: &str| options.split(',').find_map(|option| option.strip_prefix(name));
            let mode = option("mode=").and_then(|mode| i64::from_str_radix(mode, 8).ok());
            all.push(tmpfs(target, option("size=").and_then(units::size), mode));
        }
    }
    if let Some(at) = service.fields.get("shm_size")
        && let Some(size) = at.size(&mut place.faults)
    {
        all.push(tmpfs("/dev/shm", Some(size), None));
    }
    all
}

/// The target without empty and `.` parts, as the engine reads it: variables often bring a slash too
/// many.
fn tidy(mount: &mut Mount) {
    let Some(target) = mount.target.as_mut().filter(|target| target.starts_with('/')) else { return };
    let parts: Vec<&str> = target.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if target.contains("//") || target.contains("/./") {
        *target = format!("/{}", parts.join("/"));
    }
}

/// Nothing is mounted over another.
fn twice(service: &Service<'_>, mounts: &[Mount], place: &mut Place<'_>) {
    let mut seen = BTreeSet::new();
    for mount in mounts {
        let target = mount.target.as_deref().unwrap_or_default().trim_end_matches('/');
        if !seen.insert(target) {
            let key = if service.fields.has("volumes") { "volumes" } else { "tmpfs" };
            let rule = format!("mounts `{}` twice", target.escape_debug());
            service.fault(&[key], "duplicate_target", rule, &mut place.faults);
        }
    }
}

/// Where a file lies; a config without a path lies at the root.
fn target(service: &Service<'_>, section: &str, name: &str, place: &mut Place<'_>) -> String {
    if name.split('/').any(|part| part == "..") || name.chars().any(char::is_control) {
        let at = reference(service, section, |at| {
            let target = at.entry("target").unwrap_or_else(|| at.clone());
            matches!(&target.node.value, Value::Text(text) if text == name)
        });
        at.fault("invalid_path", "must have a target without `..`", &mut place.faults);
    }
    if name.starts_with('/') { name.to_owned() } else { format!("/{name}") }
}

fn permissions(service: &Service<'_>, section: &str, mode: Option<u32>, place: &mut Place<'_>) {
    if mode.is_some_and(|mode| mode > 0o777) {
        let at = reference(service, section, |at| at.entry("mode").is_some());
        at.fault("invalid_mode", "must be octal permissions: `0440`", &mut place.faults);
    }
}

/// The first entry of a list of references that fits.
fn reference<'n>(
    service: &Service<'n>,
    section: &str,
    fits: impl Fn(&crate::compose::read::At<'n>) -> bool,
) -> crate::compose::read::At<'n> {
    let list = service.find(&[section]).map(|at| at.list(&mut Faults::default())).unwrap_or_default();
    list.into_iter().find(fits).unwrap_or_else(|| service.at.clone())
}
