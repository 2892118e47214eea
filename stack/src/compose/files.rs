//! Configs and secrets that a service mounts.
//!
//! To carry a key of a reference: its name and reading in [`reference`].

use std::collections::{BTreeMap, BTreeSet};

use bollard_stubs::models::{
    TaskSpecContainerSpecConfigs, TaskSpecContainerSpecFile, TaskSpecContainerSpecFile1,
    TaskSpecContainerSpecSecrets,
};

use super::{
    convert::Build,
    declared::Object,
    read::{At, Fields},
    yaml::Value,
};

/// The configs of a service, by final name.
pub(super) fn configs(
    fields: &Fields<'_>,
    known: &BTreeMap<String, Object>,
    build: &mut Build<'_>,
) -> Vec<TaskSpecContainerSpecConfigs> {
    let all =
        references(fields, "configs", known, build).into_iter().map(|file| TaskSpecContainerSpecConfigs {
            file: Some(TaskSpecContainerSpecFile1 {
                name: Some(file.target),
                uid: Some(file.uid),
                gid: Some(file.gid),
                mode: Some(file.mode),
            }),
            config_name: Some(file.object),
            ..Default::default()
        });
    all.collect()
}

/// The secrets of a service, by final name.
pub(super) fn secrets(
    fields: &Fields<'_>,
    known: &BTreeMap<String, Object>,
    build: &mut Build<'_>,
) -> Vec<TaskSpecContainerSpecSecrets> {
    let all =
        references(fields, "secrets", known, build).into_iter().map(|file| TaskSpecContainerSpecSecrets {
            file: Some(TaskSpecContainerSpecFile {
                name: Some(file.target),
                uid: Some(file.uid),
                gid: Some(file.gid),
                mode: Some(file.mode),
            }),
            secret_name: Some(file.object),
            ..Default::default()
        });
    all.collect()
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
    known: &BTreeMap<String, Object>,
    build: &mut Build<'_>,
) -> Vec<File> {
    let mut all: Vec<File> = Vec::new();
    let mut seen = BTreeSet::new();
    for at in fields.get(section).map(|at| at.list(&mut build.faults)).unwrap_or_default() {
        let Some((source, file)) = reference(&at, build) else { continue };
        let Some(object) = known.get(&source) else {
            let rule = format!("is not declared under the top-level `{section}`");
            at.fault("unknown_object", rule, &mut build.faults);
            continue;
        };
        if seen.insert(file.target.clone()) {
            all.push(File { object: object.name.clone(), ..file });
        } else {
            at.fault("duplicate_target", "has the same target as another", &mut build.faults);
        }
    }
    all.sort_by(|a, b| a.object.cmp(&b.object));
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
    let filled = |key: &str, faults: &mut crate::fault::Faults| {
        fields.get(key).and_then(|at| at.loose_text(faults)).filter(|text| !text.is_empty())
    };
    file.target = filled("target", faults).unwrap_or(file.target);
    file.uid = filled("uid", faults).unwrap_or(file.uid);
    file.gid = filled("gid", faults).unwrap_or(file.gid);
    if let Some(at) = fields.get("mode") {
        // Quoted it is octal digits; bare, YAML has read them already; from a variable it is decimal.
        let mode = match &at.node.value {
            Value::Text(text) if !at.node.substituted => {
                u32::from_str_radix(text.trim_start_matches("0o"), 8).ok()
            }
            _ => at.int(faults).and_then(|mode| u32::try_from(mode).ok()),
        };
        match mode {
            Some(mode) => file.mode = mode,
            None => at.fault("invalid_mode", "must be octal permissions: `0440`", faults),
        }
    }
    Some((source.to_owned(), file))
}
