//! Configs and secrets that a service mounts.

use std::collections::BTreeMap;

use bollard_stubs::models::{
    TaskSpecContainerSpecConfigs, TaskSpecContainerSpecFile, TaskSpecContainerSpecFile1,
    TaskSpecContainerSpecSecrets,
};

use super::{
    Build,
    read::{At, Fields},
    yaml::Value,
};

/// The configs of a service, by final name.
pub(super) fn configs(
    fields: &Fields<'_>,
    known: &BTreeMap<String, String>,
    build: &mut Build<'_>,
) -> Vec<TaskSpecContainerSpecConfigs> {
    let mut all: Vec<_> = references(fields, "configs", known, build)
        .into_iter()
        .map(|file| {
            // A config without a target lies at the root.
            let target = if file.target.starts_with('/') { file.target } else { format!("/{}", file.target) };
            TaskSpecContainerSpecConfigs {
                file: Some(TaskSpecContainerSpecFile1 {
                    name: Some(target),
                    uid: Some(file.uid),
                    gid: Some(file.gid),
                    mode: Some(file.mode),
                }),
                config_name: Some(file.object),
                ..Default::default()
            }
        })
        .collect();
    all.sort_by(|a, b| a.config_name.cmp(&b.config_name));
    all
}

/// The secrets of a service, by final name.
pub(super) fn secrets(
    fields: &Fields<'_>,
    known: &BTreeMap<String, String>,
    build: &mut Build<'_>,
) -> Vec<TaskSpecContainerSpecSecrets> {
    let mut all: Vec<_> = references(fields, "secrets", known, build)
        .into_iter()
        .map(|file| TaskSpecContainerSpecSecrets {
            file: Some(TaskSpecContainerSpecFile {
                name: Some(file.target),
                uid: Some(file.uid),
                gid: Some(file.gid),
                mode: Some(file.mode),
            }),
            secret_name: Some(file.object),
            ..Default::default()
        })
        .collect();
    all.sort_by(|a, b| a.secret_name.cmp(&b.secret_name));
    all
}

struct File {
    object: String,
    target: String,
    uid: String,
    gid: String,
    mode: u32,
}

fn references(
    fields: &Fields<'_>,
    section: &str,
    known: &BTreeMap<String, String>,
    build: &mut Build<'_>,
) -> Vec<File> {
    let mut all: Vec<File> = Vec::new();
    for at in fields.get(section).map(|at| at.list(&mut build.faults)).unwrap_or_default() {
        let Some((source, file)) = reference(&at, build) else { continue };
        let Some(object) = known.get(&source) else {
            at.fault(
                "unknown_object",
                format!("is not declared under the top-level `{section}`"),
                &mut build.faults,
            );
            continue;
        };
        if file.target.split('/').any(|part| part == "..") || file.target.chars().any(char::is_control) {
            at.fault("invalid_path", "must have a target without `..`", &mut build.faults);
        } else if all.iter().any(|other| other.target == file.target) {
            at.fault("duplicate_target", "has the same target as another", &mut build.faults);
        } else {
            all.push(File { object: object.clone(), ..file });
        }
    }
    all
}

fn reference(at: &At<'_>, build: &mut Build<'_>) -> Option<(String, File)> {
    let faults = &mut build.faults;
    let plain = |source: &str| File {
        object: String::new(),
        target: source.to_owned(),
        uid: "0".to_owned(),
        gid: "0".to_owned(),
        mode: 0o444,
    };
    if let Value::Text(source) = &at.node.value {
        return Some((source.clone(), plain(source)));
    }
    let fields = at.fields(&["source", "target", "uid", "gid", "mode"], faults);
    let Some(source) = fields.get("source").and_then(|at| at.text(faults)) else {
        at.fault("required", "must have a `source`", faults);
        return None;
    };
    let mut file = plain(source);
    if let Some(target) = fields.get("target").and_then(|at| at.text(faults)) {
        target.clone_into(&mut file.target);
    }
    for (key, field) in [("uid", &mut file.uid), ("gid", &mut file.gid)] {
        if let Some(id) = fields.get(key).and_then(|at| at.loose_text(faults)) {
            *field = id;
        }
    }
    if let Some(at) = fields.get("mode") {
        // Quoted it is octal digits, bare YAML has read them already.
        let mode = match &at.node.value {
            Value::Text(text) => u32::from_str_radix(text.trim_start_matches("0o"), 8).ok(),
            _ => at.int(faults).and_then(|mode| u32::try_from(mode).ok()),
        };
        match mode.filter(|mode| *mode <= 0o777) {
            Some(mode) => file.mode = mode,
            None => at.fault("invalid_mode", "must be octal permissions: `0440`", faults),
        }
    }
    Some((source.to_owned(), file))
}
