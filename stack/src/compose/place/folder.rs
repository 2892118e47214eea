//! Files of the source that a service binds (`./nginx.conf:/etc/nginx/nginx.conf:ro`): no node has
//! the source, so each becomes a config, whose name tells its content. What is not there is for
//! `absent`.

use bollard_stubs::models::{ConfigSpec, Mount, TaskSpecContainerSpecConfigs};

use super::{Place, Service, absent};
use crate::{
    app::mounts::file,
    compose::{path::is_file, read::At},
    fault::Faults,
};

/// Files of one folder.
const FILES_MAX: usize = 100;
/// The engine refuses configs from here on.
const SIZE_MAX: usize = 1000 * 1024;
/// What all configs of one task together may have, lest managers keep and send too much.
const FOLDER_MAX: usize = 4 * 1024 * 1024;

/// Names of files that only keep a folder in git.
const KEEPERS: [&str; 3] = [".gitkeep", ".gitignore", ".keep"];

/// What a bind becomes.
pub(super) enum Bound {
    Files(Vec<TaskSpecContainerSpecConfigs>),
    /// A volume, or, as it is no path of the source, the bind as it was.
    Mount(Box<Mount>),
}

/// What takes the place of one bind; no files if there is a fault.
pub(super) fn convert(service: &Service<'_>, index: usize, mount: Mount, place: &mut Place<'_>) -> Bound {
    let source = mount.source.as_deref().unwrap_or_default();
    let target = mount.target.as_deref().unwrap_or_default();
    if source.starts_with(['/', '~']) {
        return Bound::Mount(Box::new(mount));
    }
    let list = service.find(&["volumes"]).map(|at| at.list(&mut Faults::default())).unwrap_or_default();
    let at = list.into_iter().nth(index).unwrap_or_else(|| service.at.clone());
    let files = match found(source, target, place) {
        Some(files) => files,
        None => {
            at.fault("host_path", "is a folder that was not read whole", &mut place.faults);
            return Bound::Files(Vec::new());
        }
    };
    if files.is_empty() {
        return absent::volume(mount, &at, place)
            .map_or(Bound::Files(Vec::new()), |mount| Bound::Mount(Box::new(mount)));
    }
    if !fits(&files, &at, place) {
        return Bound::Files(Vec::new());
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
    Bound::Files(references)
}

/// The files of a source, by their places in the container; none of a folder that was not read whole,
/// which an entry of its own says. A folder that is only kept for data has no files.
fn found<'p>(source: &str, target: &str, place: &Place<'p>) -> Option<Vec<(String, &'p [u8])>> {
    // Only the short form tells a path by how it begins.
    let source = if is_file(source) { source.to_owned() } else { format!("./{source}") };
    let given = &place.input.files;
    if let Some(bytes) = given.get(&source).filter(|_| !source.ends_with('/')) {
        return Some(vec![(target.to_owned(), bytes)]);
    }
    let folder = format!("{}/", source.trim_end_matches('/'));
    let mut below = given.range(folder.clone()..).take_while(|(path, _)| path.starts_with(&folder));
    match below.next() {
        None => return Some(Vec::new()),
        Some((first, _)) if *first != folder => return None,
        Some(_) => {}
    }
    let kept = |path: &str| path.rsplit('/').next().is_some_and(|name| KEEPERS.contains(&name));
    let inside = |path: &str| format!("{}/{}", target.trim_end_matches('/'), &path[folder.len()..]);
    let files = below.filter(|(path, _)| !kept(path));
    Some(files.map(|(path, bytes)| (inside(path), bytes.as_slice())).collect())
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
