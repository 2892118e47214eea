//! Volumes, binds and memory, in the short and the long form.

use std::collections::BTreeSet;

use bollard_stubs::models::{Mount, MountBindOptions, MountTmpfsOptions, MountType, MountVolumeOptions};

use super::{
    Build,
    declared::Declared,
    read::{At, Fields},
    yaml::Value,
};
use crate::labels;

/// The mounts of a service, in the order of the file.
pub(super) fn convert(fields: &Fields<'_>, declared: &Declared, build: &mut Build<'_>) -> Vec<Mount> {
    let mut all = Vec::new();
    for at in fields.get("volumes").map(|at| at.list(&mut build.faults)).unwrap_or_default() {
        let mount = match &at.node.value {
            Value::Map(_) => long(&at, declared, build),
            Value::Text(text) => short(text, &at, declared, build),
            _ => {
                at.fault("invalid_type", "must be text like `data:/data`, or a map", &mut build.faults);
                None
            }
        };
        all.extend(mount);
    }
    if let Some(at) = fields.get("tmpfs") {
        for text in at.text_or_list(&mut build.faults) {
            let (target, options) = text.split_once(':').unwrap_or((&text, ""));
            let size = options
                .split(',')
                .find_map(|option| option.strip_prefix("size="))
                .and_then(crate::units::size);
            all.push(tmpfs(target, size));
        }
    }
    let mut seen = BTreeSet::new();
    for mount in &all {
        let target = mount.target.as_deref().unwrap_or_default().trim_end_matches('/');
        if let (false, Some(at)) = (seen.insert(target), fields.get("volumes").or(fields.get("tmpfs"))) {
            at.fault(
                "duplicate_target",
                format!("mounts `{}` twice", target.escape_debug()),
                &mut build.faults,
            );
        }
    }
    all
}

/// `[source:]target[:options]`
fn short(text: &str, at: &At<'_>, declared: &Declared, build: &mut Build<'_>) -> Option<Mount> {
    const RULE: &str = "must be like `data:/data`, `data:/data:ro` or `/data`";
    let parts: Vec<&str> = text.split(':').collect();
    if parts.len() > 3 || parts.iter().any(|part| part.is_empty()) {
        at.fault("invalid_mount", RULE, &mut build.faults);
        return None;
    }
    let [source, target, options @ ..] = &parts[..] else {
        return Some(Mount {
            target: Some(text.to_owned()),
            typ: Some(MountType::VOLUME),
            ..Default::default()
        });
    };
    let options: Vec<&str> = options.iter().flat_map(|options| options.split(',')).collect();
    let read_only = options.contains(&"ro").then_some(true);
    let no_copy = options.contains(&"nocopy").then_some(true);
    if source.starts_with(['/', '.', '~', '\\']) {
        let mount = bind(source, target, at, build)?;
        return Some(Mount { read_only, ..mount });
    }
    let mount = volume(source, target, at, declared, build)?;
    let volume_options = mount.volume_options.map(|options| MountVolumeOptions { no_copy, ..options });
    Some(Mount { read_only, volume_options, ..mount })
}

fn bind(source: &str, target: &str, at: &At<'_>, build: &mut Build<'_>) -> Option<Mount> {
    if !source.starts_with('/') {
        at.fault(
            "host_path",
            "must not be a path beside the file, which is on no node: use a named volume, or a config for a file",
            &mut build.faults,
        );
        return None;
    }
    Some(Mount {
        target: Some(target.to_owned()),
        source: Some(source.to_owned()),
        typ: Some(MountType::BIND),
        bind_options: Some(MountBindOptions::default()),
        ..Default::default()
    })
}

fn volume(
    source: &str,
    target: &str,
    at: &At<'_>,
    declared: &Declared,
    build: &mut Build<'_>,
) -> Option<Mount> {
    let Some(driver) = declared.volumes.get(source) else {
        at.fault("unknown_volume", "is not declared under the top-level `volumes`", &mut build.faults);
        return None;
    };
    let full = build.scoped(source);
    if !build.spec.volumes.contains(&full) {
        build.spec.volumes.push(full.clone());
        build.spec.volumes.sort();
    }
    Some(Mount {
        target: Some(target.to_owned()),
        source: Some(full),
        typ: Some(MountType::VOLUME),
        volume_options: Some(MountVolumeOptions {
            labels: Some(labels::owned(build.input.stack, build.input.app)),
            driver_config: driver.clone(),
            ..Default::default()
        }),
        ..Default::default()
    })
}

fn tmpfs(target: &str, size: Option<i64>) -> Mount {
    Mount {
        target: Some(target.to_owned()),
        typ: Some(MountType::TMPFS),
        tmpfs_options: size.map(|size| MountTmpfsOptions { size_bytes: Some(size), ..Default::default() }),
        ..Default::default()
    }
}

fn long(at: &At<'_>, declared: &Declared, build: &mut Build<'_>) -> Option<Mount> {
    let known = ["type", "source", "target", "read_only", "consistency", "bind", "volume", "tmpfs"];
    let fields = at.fields(&known, &mut build.faults);
    let faults = &mut build.faults;
    let (kind, source, target) = (
        fields.get("type").and_then(|at| at.text(faults)),
        fields.get("source").and_then(|at| at.text(faults)),
        fields.get("target").and_then(|at| at.text(faults)),
    );
    let read_only = fields.get("read_only").and_then(|at| at.bool(faults)).filter(|set| *set);
    let Some(target) = target else {
        at.fault("required", "must have a `target`", faults);
        return None;
    };
    let mount = match (kind, source) {
        (Some("volume"), None) => {
            Mount { target: Some(target.to_owned()), typ: Some(MountType::VOLUME), ..Default::default() }
        }
        (Some("volume"), Some(source)) => {
            let mut mount = volume(source, target, at, declared, build)?;
            if let (Some(block), Some(options)) = (fields.get("volume"), &mut mount.volume_options) {
                let inner = block.fields(&["nocopy", "subpath", "labels"], &mut build.faults);
                options.no_copy =
                    inner.get("nocopy").and_then(|at| at.bool(&mut build.faults)).filter(|set| *set);
                options.subpath =
                    inner.get("subpath").and_then(|at| at.text(&mut build.faults)).map(ToOwned::to_owned);
            }
            mount
        }
        (Some("bind"), Some(source)) => bind(source, target, at, build)?,
        (Some("tmpfs"), None) => {
            let inner = fields.get("tmpfs").map(|at| at.fields(&["size", "mode"], &mut build.faults));
            let get = |key: &str| inner.as_ref().and_then(|inner| inner.get(key));
            let size = get("size").and_then(|at| at.size(&mut build.faults));
            let mode = get("mode").and_then(|at| at.int(&mut build.faults));
            let mut mount = tmpfs(target, size);
            if mode.is_some() {
                mount.tmpfs_options.get_or_insert_default().mode = mode;
            }
            mount
        }
        _ => {
            at.fault(
                "invalid_mount",
                "must have the type `volume`, `tmpfs` (without a source) or `bind`",
                &mut build.faults,
            );
            return None;
        }
    };
    Some(Mount { read_only, ..mount })
}
