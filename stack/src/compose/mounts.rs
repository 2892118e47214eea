//! Volumes, binds and memory, in the short and the long form.
//!
//! To carry an option: its reading in [`long`] (and [`short`]), its field in [`mount`].

use std::collections::HashMap;

use bollard_stubs::models::{
    Mount, MountBindOptions, MountBindOptionsPropagationEnum as Propagation, MountTmpfsOptions, MountType,
    MountVolumeOptions,
};
use serde_json::json;

use super::{
    convert::Build,
    declared::Declared,
    path,
    read::{At, Fields},
    yaml::Value,
};

const PROPAGATIONS: [&str; 6] = ["private", "rprivate", "shared", "rshared", "slave", "rslave"];

/// The mounts of a service, in the order of the file.
pub(super) fn convert(
    name: &str,
    fields: &Fields<'_>,
    declared: &Declared,
    build: &mut Build<'_>,
) -> Vec<Mount> {
    let mut all = Vec::new();
    for at in fields.get("volumes").map(|at| at.list(&mut build.faults)).unwrap_or_default() {
        let wish = match &at.node.value {
            Value::Map(_) => long(&at, build),
            Value::Text(text) => short(text, &at, declared, build),
            _ => {
                at.fault("invalid_type", "must be text like `data:/data`, or a map", &mut build.faults);
                None
            }
        };
        if let Some(wish) = wish {
            all.extend(mount(name, all.len(), &at, wish, declared, build));
        }
    }
    all
}

/// One mount as it is written, in either form.
#[derive(Default)]
struct Wish {
    kind: String,
    source: String,
    target: Option<String>,
    read_only: bool,
    consistency: Option<String>,
    bind: Option<MountBindOptions>,
    volume: Option<MountVolumeOptions>,
    tmpfs: Option<MountTmpfsOptions>,
    image: Option<Option<String>>,
}

/// `[source:]target[:options]`
fn short(text: &str, at: &At<'_>, declared: &Declared, build: &mut Build<'_>) -> Option<Wish> {
    const RULE: &str = "must be like `data:/data`, `data:/data:ro` or `/data`";
    let mut wish = Wish { kind: "volume".to_owned(), ..Wish::default() };
    let parts = split(text, declared);
    match &parts[..] {
        parts if text.is_empty() || parts.len() > 3 || parts.iter().any(|part| part.is_empty()) => {
            at.fault("invalid_mount", RULE, &mut build.faults);
            return None;
        }
        [target] => wish.target = Some((*target).to_owned()),
        [source, target, options @ ..] => {
            wish.source = (*source).to_owned();
            wish.target = Some((*target).to_owned());
            for option in options.iter().flat_map(|options| options.split(',')) {
                match option {
                    "ro" => wish.read_only = true,
                    "rw" => wish.read_only = false,
                    "nocopy" => wish.volume.get_or_insert_default().no_copy = Some(true),
                    word if PROPAGATIONS.contains(&word) => {
                        wish.bind.get_or_insert_default().propagation = word.parse().ok();
                    }
                    // SELinux labels and consistency hints, which say nothing on a swarm.
                    _ => {}
                }
            }
        }
        [] => return None,
    }
    if path::is_file(&wish.source) {
        "bind".clone_into(&mut wish.kind);
    }
    Some(wish)
}

/// The parts between the colons. A single letter before one is a drive of Windows, unless a volume
/// has that name.
fn split<'t>(text: &'t str, declared: &Declared) -> Vec<&'t str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices(':') {
        let part = &text[start..at];
        let letter = part.len() == 1 && part.starts_with(|c: char| c.is_ascii_alphabetic());
        if letter && !(parts.is_empty() && declared.volumes.contains_key(part)) {
            continue;
        }
        parts.push(part);
        start = at + 1;
    }
    parts.push(&text[start..]);
    parts
}

fn long(at: &At<'_>, build: &mut Build<'_>) -> Option<Wish> {
    const KNOWN: [&str; 10] = [
        "type",
        "source",
        "target",
        "read_only",
        "consistency",
        "bind",
        "volume",
        "tmpfs",
        "image",
        "cluster",
    ];
    let fields = at.fields(&KNOWN, &mut build.faults);
    let faults = &mut build.faults;
    if fields.get("type").is_none() {
        at.fault("required", "must have a `type`: `volume`, `bind` or `tmpfs`", faults);
    }
    let mut wish = Wish {
        kind: fields.get("type")?.text(faults)?.to_owned(),
        source: fields.get("source").and_then(|at| at.text(faults)).unwrap_or_default().to_owned(),
        target: fields.get("target").and_then(|at| at.text(faults)).map(ToOwned::to_owned),
        read_only: fields.get("read_only").and_then(|at| at.bool(faults)) == Some(true),
        consistency: fields.get("consistency").and_then(|at| at.text(faults)).map(ToOwned::to_owned),
        ..Wish::default()
    };
    if let Some(at) = fields.get("bind") {
        let inner = at.fields(&["propagation", "create_host_path", "selinux", "recursive"], faults);
        let word = inner.get("propagation").and_then(|at| at.text(faults)).unwrap_or_default();
        let propagation: Option<Propagation> = word.parse().ok().filter(|_| !word.is_empty());
        if let (Some(at), None, false) = (inner.get("propagation"), propagation, word.is_empty()) {
            at.fault("invalid_choice", format!("must be one of {}", PROPAGATIONS.join(", ")), faults);
        }
        wish.bind = Some(MountBindOptions { propagation, ..Default::default() });
        note(&inner, &["create_host_path", "selinux", "recursive"], build);
    }
    if let Some(at) = fields.get("volume") {
        let faults = &mut build.faults;
        let inner = at.fields(&["nocopy", "subpath", "labels"], faults);
        let subpath = inner.get("subpath").and_then(|at| at.text(faults)).map(ToOwned::to_owned);
        let no_copy = inner.get("nocopy").and_then(|at| at.bool(faults)).filter(|set| *set);
        wish.volume = Some(MountVolumeOptions { no_copy, subpath, ..Default::default() });
        note(&inner, &["labels"], build);
    }
    if let Some(at) = fields.get("tmpfs") {
        let faults = &mut build.faults;
        let inner = at.fields(&["size", "mode"], faults);
        let size_bytes = inner.get("size").and_then(|at| at.size(faults));
        wish.tmpfs = Some(MountTmpfsOptions { size_bytes, ..Default::default() });
        note(&inner, &["mode"], build);
    }
    if let Some(at) = fields.get("image") {
        let faults = &mut build.faults;
        let inner = at.fields(&["subpath"], faults);
        wish.image = Some(inner.get("subpath").and_then(|at| at.text(faults)).map(ToOwned::to_owned));
    }
    Some(wish)
}

/// What the specification knows in an option block and the docker CLI leaves out.
fn note(block: &Fields<'_>, keys: &[&str], build: &mut Build<'_>) {
    for at in keys.iter().filter_map(|key| block.get(key)) {
        build.note(at, "ignored", "is not carried over to a swarm's mounts");
    }
}

fn mount(
    service: &str,
    index: usize,
    at: &At<'_>,
    wish: Wish,
    declared: &Declared,
    build: &mut Build<'_>,
) -> Option<Mount> {
    fits(&wish, at, build)?;
    let mut mount = Mount {
        target: wish.target,
        read_only: wish.read_only.then_some(true),
        consistency: wish.consistency,
        ..Default::default()
    };
    match wish.kind.as_str() {
        "volume" if wish.source.is_empty() => mount.typ = Some(MountType::VOLUME),
        "volume" => {
            mount.typ = Some(MountType::VOLUME);
            let (source, options) = volume(&wish.source, wish.volume, at, declared, build)?;
            mount.source = Some(source);
            mount.volume_options = Some(options);
        }
        "bind" => {
            mount.typ = Some(MountType::BIND);
            mount.source = Some(path::resolve(&wish.source, build.context.directory, build.context.home));
            mount.bind_options = wish.bind;
        }
        "tmpfs" => {
            mount.typ = Some(MountType::TMPFS);
            mount.tmpfs_options = wish.tmpfs;
        }
        "npipe" => {
            mount.typ = Some(MountType::NPIPE);
            mount.source = Some(wish.source);
            mount.bind_options = wish.bind;
        }
        "image" => {
            mount.typ = Some(MountType::IMAGE);
            mount.source = Some(wish.source);
            mount.image_options =
                wish.image.map(|subpath| bollard_stubs::models::MountImageOptions { subpath });
        }
        _ => {
            mount.typ = Some(MountType::CLUSTER);
            mount.source = Some(cluster(&wish.source, at, declared, build)?);
            let pointer = format!("/TaskTemplate/ContainerSpec/Mounts/{index}/ClusterOptions");
            build.raw(service, &pointer, json!({}), at, "must be a volume, a file or memory (tmpfs)");
        }
    }
    Some(mount)
}

/// Refuses what does not go together: source and options must be those of the type.
fn fits(wish: &Wish, at: &At<'_>, build: &mut Build<'_>) -> Option<()> {
    let options = [
        ("bind", wish.bind.is_some(), ["bind", "npipe"].as_slice()),
        ("volume", wish.volume.is_some(), &["volume"]),
        ("tmpfs", wish.tmpfs.is_some(), &["tmpfs"]),
        ("image", wish.image.is_some(), &["image"]),
    ];
    let foreign = options.iter().find(|(_, there, of)| *there && !of.contains(&wish.kind.as_str()));
    let rule = match (wish.kind.as_str(), wish.source.is_empty(), foreign) {
        ("volume" | "tmpfs" | "bind" | "npipe" | "image" | "cluster", _, Some((name, ..))) => {
            format!("has options of `{name}`, which do not go with the type `{}`", wish.kind)
        }
        ("tmpfs", false, _) => "is memory (`tmpfs`), which has no `source`".to_owned(),
        ("bind" | "npipe" | "image" | "cluster", true, _) => "must have a `source`".to_owned(),
        ("volume" | "tmpfs" | "bind" | "npipe" | "image" | "cluster", ..) => return Some(()),
        _ => "must have the type `volume`, `tmpfs` (without a source) or `bind`".to_owned(),
    };
    at.fault("invalid_mount", rule, &mut build.faults);
    None
}

/// The final name of a declared volume, and its options.
fn volume(
    source: &str,
    written: Option<MountVolumeOptions>,
    at: &At<'_>,
    declared: &Declared,
    build: &mut Build<'_>,
) -> Option<(String, MountVolumeOptions)> {
    let Some(volume) = declared.volumes.get(source) else {
        at.fault("unknown_volume", "is not declared under the top-level `volumes`", &mut build.faults);
        return None;
    };
    let mut options = written.unwrap_or_default();
    if !volume.external {
        let own: HashMap<String, String> = volume.labels.clone();
        options.labels = Some(own);
        options.driver_config.clone_from(&volume.driver);
        build.volumes.insert(volume.name.clone());
    }
    Some((volume.name.clone(), options))
}

/// The final name of a cluster volume; a group is not looked up.
fn cluster(source: &str, at: &At<'_>, declared: &Declared, build: &mut Build<'_>) -> Option<String> {
    if source.starts_with("group:") {
        return Some(source.to_owned());
    }
    match declared.volumes.get(source) {
        Some(volume) => Some(volume.name.clone()),
        None => {
            at.fault("unknown_volume", "is not declared under the top-level `volumes`", &mut build.faults);
            None
        }
    }
}
