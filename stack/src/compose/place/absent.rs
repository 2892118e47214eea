//! Paths beside the file that services bind and that are not there (`./data:/var/lib/x`): the docker
//! CLI's bind finds nothing on the node, Compose makes an empty folder. Here such a folder is a
//! volume of the app, pinned as all others are to the node where its data is.
//!
//! A file that is not there is refused, as no folder can stand for it; so is what leads out of the
//! project. To take another spelling of a path: [`inside`].

use bollard_stubs::models::{Mount, MountType, MountVolumeOptions};
use sha2::{Digest, Sha256};

use super::Place;
use crate::{compose::read::At, labels, text};

/// Where templates of several panels keep an app's own files, beside the checkout.
const OWN: &str = "../files/";

/// Makes the mount one of a volume, or notes why it cannot be one.
pub(super) fn volume(mut mount: Mount, at: &At<'_>, place: &mut Place<'_>) -> Option<Mount> {
    let source = mount.source.take().unwrap_or_default();
    let target = mount.target.as_deref().unwrap_or_default();
    let Some(path) = inside(&source) else {
        let rule = "must be a folder beside the file, or below it: use a named volume for data; a file of the source becomes a config";
        at.fault("host_path", rule, &mut place.faults);
        return None;
    };
    if is_file(&source) || is_file(target) {
        let rule = "names a file that is not there, and no volume can stand for it: add it to the source, or write it as a config with `content`; for data, bind a folder or use a named volume";
        at.fault("file_missing", rule, &mut place.faults);
        return None;
    }
    let create = at.entry("bind").and_then(|bind| bind.entry("create_host_path"));
    if create.and_then(|at| at.bool(&mut place.faults)) == Some(false) {
        let rule = "is not there, and `create_host_path` says that it must be: add it to the source";
        at.fault("file_missing", rule, &mut place.faults);
        return None;
    }
    let apart = |other: &String| *other == path || !text::below(other, &path) && !text::below(&path, other);
    if let Some(other) = place.absent.iter().find(|other| !apart(other)) {
        let rule = format!(
            "becomes a volume, as does `{}`, and one volume is never inside another: bind the outer folder, or declare named volumes",
            other.escape_debug()
        );
        at.fault("nested_bind", rule, &mut place.faults);
        return None;
    }
    let name = format!("{}_{}", place.input.stack, name(&path));
    let note = format!(
        "is not beside the file: it becomes the volume `{name}`, empty at first and kept on one node"
    );
    at.fault("volume", note, &mut place.notes);
    place.absent.insert(path);
    if let Err(index) = place.spec.volumes.binary_search(&name) {
        place.spec.volumes.insert(index, name.clone());
    }
    mount.typ = Some(MountType::VOLUME);
    mount.source = Some(name);
    mount.bind_options = None;
    mount.volume_options = Some(MountVolumeOptions {
        labels: Some(labels::owned(place.input.stack, place.input.app)),
        ..Default::default()
    });
    Some(mount)
}

/// The path without `.`, `..` and empty parts, if it lies in the project and is not the whole of it.
fn inside(source: &str) -> Option<String> {
    if source.contains(['\\', ':']) || source.chars().any(char::is_control) {
        return None;
    }
    let (own, rest) = match source.strip_prefix(OWN) {
        Some(rest) => (OWN, rest),
        None => ("", source),
    };
    let mut parts = Vec::new();
    for part in rest.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| format!("{own}{}", parts.join("/")))
}

/// Whether the last part of a path reads as a file's name: `nginx.conf`, `.env`, `Caddyfile`, and not
/// `conf.d`, `.ssh` or `v1.2`.
fn is_file(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    let extension =
        last.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, extension)| extension);
    last == ".env"
        || last.len() > 4 && last.ends_with("file")
        || extension.is_some_and(|end| end != "d" && end.contains(|c: char| c.is_ascii_alphabetic()))
}

/// The volume's name: what can be read of the path, and a hash, as two paths may read alike.
fn name(path: &str) -> String {
    let readable = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    let read: String = path.trim_start_matches(OWN).chars().map(readable).take(40).collect();
    let hash = hex::encode(&Sha256::digest(path)[..4]);
    let read = read.trim_matches(['-', '_']);
    if read.is_empty() { format!("bind-{hash}") } else { format!("{read}-{hash}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_in_the_project() {
        for (source, path) in [
            ("./data", Some("data")),
            ("data", Some("data")),
            ("./a/../b//c/.", Some("b/c")),
            ("../files/db/data", Some("../files/db/data")),
            ("../files", None),
            ("../files/", None),
            ("../files/../../etc", None),
            ("../data", None),
            ("./a/../../etc", None),
            (".", None),
            ("./", None),
            ("C:\\data", None),
            ("C:/data", None),
            ("./a\nb", None),
        ] {
            assert_eq!(inside(source).as_deref(), path, "{source}");
        }
    }

    #[test]
    fn names_of_files() {
        for file in ["./nginx.conf", ".env", "x/Caddyfile", "a/.huly.nginx", "/run/x.sock", "x.7z"] {
            assert!(is_file(file), "{file}");
        }
        for folder in ["./data", "conf.d", ".ssh", "a.b/c", "v1.2", "./certs/", "./a.conf/", "file"] {
            assert!(!is_file(folder), "{folder}");
        }
    }

    #[test]
    fn names_differ_as_paths_do() {
        assert_ne!(name("a/b"), name("a-b"));
        assert_ne!(name("files/x"), name("../files/x"));
        for path in ["a/b", "données", "é", "_x_", &"a".repeat(300)] {
            assert!(text::object(&name(path)), "{}", name(path));
        }
    }
}
