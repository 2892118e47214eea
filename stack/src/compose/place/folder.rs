//! Files of the source that a service binds (`./nginx.conf:/etc/nginx/nginx.conf:ro`): no node has
//! the source, so each becomes a config, whose name tells its content.

use bollard_stubs::models::{ConfigSpec, Mount, TaskSpecContainerSpecConfigs};

use super::{Place, Service};
use crate::{app::mounts::file, compose::read::At, fault::Faults};

/// Files of one folder.
const FILES_MAX: usize = 100;
/// The engine refuses configs from here on.
const SIZE_MAX: usize = 1000 * 1024;
/// What all configs of one task together may have, lest managers keep and send too much.
const FOLDER_MAX: usize = 4 * 1024 * 1024;

/// The configs of one bind; none if it is no path of the source, or its bytes are not given.
pub(super) fn convert(
    service: &Service<'_>,
    index: usize,
    mount: &Mount,
    place: &mut Place<'_>,
) -> Option<Vec<TaskSpecContainerSpecConfigs>> {
    let source = mount.source.as_deref().unwrap_or_default();
    let target = mount.target.as_deref().unwrap_or_default();
    if source.starts_with(['/', '~']) {
        return None;
    }
    let list = service.find(&["volumes"]).map(|at| at.list(&mut Faults::default())).unwrap_or_default();
    let at = list.into_iter().nth(index).unwrap_or_else(|| service.at.clone());
    let files = found(source, target, place);
    if files.is_empty() {
        let rule = "must not be a path beside the file, which is on no node: use a named volume for data; a file of the source becomes a config";
        at.fault("host_path", rule, &mut place.faults);
        return Some(Vec::new());
    }
    if !fits(&files, &at, place) {
        return Some(Vec::new());
    }
    if mount.read_only != Some(true) {
        at.fault(
            "read_only",
            "is read-only on a swarm: use a named volume for what is written",
            &mut place.notes,
        );
    }
    let mut references = Vec::new();
    for (target, bytes) in files {
        let (reference, body) = one(&target, bytes, place);
        place.spec.configs.insert(reference.config_name.clone().unwrap_or_default(), body);
        references.push(reference);
    }
    Some(references)
}

/// The files of a source, by their places in the container. A folder counts only if it was read
/// whole, which an entry of its own says.
fn found<'p>(source: &str, target: &str, place: &Place<'p>) -> Vec<(String, &'p [u8])> {
    if let Some(bytes) = place.input.files.get(source) {
        return vec![(target.to_owned(), bytes)];
    }
    let folder = format!("{}/", source.trim_end_matches('/'));
    if !place.input.files.contains_key(&folder) {
        return Vec::new();
    }
    let below = place.input.files.range(folder.clone()..).skip(1);
    let below = below.take_while(|(path, _)| path.starts_with(&folder));
    let inside = |path: &str| format!("{}/{}", target.trim_end_matches('/'), &path[folder.len()..]);
    below.map(|(path, bytes)| (inside(path), bytes.as_slice())).collect()
}

/// Whether Swarm takes these files as configs.
fn fits(files: &[(String, &[u8])], at: &At<'_>, place: &mut Place<'_>) -> bool {
    let rule = if files.len() > FILES_MAX {
        format!(
            "has {} files, and at most {FILES_MAX} become configs: make it a part of the image, or use a named volume",
            files.len()
        )
    } else if let Some((path, bytes)) = files.iter().find(|(_, bytes)| bytes.len() >= SIZE_MAX) {
        format!(
            "has `{}` of {} bytes, and Swarm takes files below 1000 KiB: make it a part of the image, or use a named volume",
            path.escape_debug(),
            bytes.len()
        )
    } else if let Some((path, _)) = files.iter().find(|(_, bytes)| bytes.is_empty()) {
        format!("has `{}`, which is empty, and Swarm takes no empty files", path.escape_debug())
    } else if files.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() > FOLDER_MAX {
        "has more than 4 MiB of files: make it a part of the image, or use a named volume".to_owned()
    } else {
        return true;
    };
    at.fault("too_large", rule, &mut place.faults);
    false
}

fn one(target: &str, bytes: &[u8], place: &Place<'_>) -> (TaskSpecContainerSpecConfigs, ConfigSpec) {
    let base = target.rsplit('/').next().unwrap_or_default();
    // A script is run, or read by another.
    let mode = if bytes.starts_with(b"#!") { 0o555 } else { 0o444 };
    let input = place.input;
    file((input.stack, input.app), base, target, bytes, mode)
}
