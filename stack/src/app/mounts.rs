//! Volumes, files and memory mounted into the container.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bollard_stubs::models::{
    self as engine, ConfigSpec, MountTmpfsOptions, MountType, MountVolumeOptions,
    TaskSpecContainerSpecConfigs, TaskSpecContainerSpecFile1,
};
use sha2::{Digest, Sha256};

use super::{AppSpec, Mount, health::PROBE, range::Range};
use crate::{
    fault::Faults,
    labels, text,
    units::{GIB, KIB},
};

/// The engine refuses configs from here on.
const CONFIG_MAX: usize = 1000 * 1024;
const TMPFS: Range = Range::new(4 * KIB, 64 * GIB);
/// Mounts of one app.
const MOST: usize = 100;

/// What an app mounts, in the engine's terms.
#[derive(Default)]
pub(super) struct Mounted {
    pub(super) mounts: Vec<engine::Mount>,
    pub(super) references: Vec<TaskSpecContainerSpecConfigs>,
    pub(super) configs: BTreeMap<String, ConfigSpec>,
    pub(super) volumes: BTreeSet<String>,
}

/// All mounts of the settings, and the probe's if it is wanted.
pub(super) fn convert(app: &AppSpec<'_>, probe: bool, faults: &mut Faults) -> Mounted {
    let mut all = Mounted::default();
    let mut seen = BTreeSet::new();
    faults.unless(app.settings.mounts.len() <= MOST, "settings.mounts", "too_many", "must be at most 100");
    for (i, mount) in app.settings.mounts.iter().enumerate().take(MOST) {
        let path = format!("settings.mounts[{i}]");
        let (Mount::Volume { target, .. } | Mount::File { target, .. } | Mount::Tmpfs { target, .. }) = mount;
        check_target(&path, target, matches!(mount, Mount::Tmpfs { .. }), faults);
        faults.unless(
            seen.insert(target.trim_end_matches('/')),
            format!("{path}.target"),
            "duplicate_target",
            "is mounted twice",
        );
        match mount {
            Mount::Volume { name, target, read_only } => {
                faults.unless(
                    text::object(name) && name.len() <= 64,
                    format!("{path}.name"),
                    "invalid_name",
                    "must be 1 to 64 letters, digits, `.`, `_` and `-`, starting and ending with a letter or digit",
                );
                let source = format!("{}_{name}", app.stack);
                all.volumes.insert(source.clone());
                all.mounts.push(volume(app, source, target, *read_only));
            }
            Mount::File { target, content, mode } => {
                faults.unless(
                    !content.is_empty() && content.len() < CONFIG_MAX,
                    format!("{path}.content"),
                    "too_long",
                    "must not be empty, and be smaller than 1000 KiB, which is what Swarm takes: use a volume for more",
                );
                let mode = permissions(&path, mode.as_deref(), faults);
                let base = target.rsplit('/').next().unwrap_or_default();
                all.file(app, base, target, content.as_bytes(), mode);
            }
            Mount::Tmpfs { target, size } => {
                let size = TMPFS.size(&format!("{path}.size"), size.as_deref(), faults);
                all.mounts.push(engine::Mount {
                    target: Some(target.clone()),
                    typ: Some(MountType::TMPFS),
                    tmpfs_options: size
                        .map(|size| MountTmpfsOptions { size_bytes: Some(size), ..Default::default() }),
                    ..Default::default()
                });
            }
        }
    }
    if let Some(bytes) = app.probe.filter(|_| probe) {
        faults.unless(
            !bytes.is_empty() && bytes.len() < CONFIG_MAX,
            "settings.health",
            "probe_too_big",
            "the probe does not fit into a config",
        );
        all.file(app, "probe", PROBE, bytes, 0o555);
    }
    all.references.sort_by(|a, b| (&a.config_name, file_name(a)).cmp(&(&b.config_name, file_name(b))));
    all
}

fn file_name(reference: &TaskSpecContainerSpecConfigs) -> Option<&String> {
    reference.file.as_ref()?.name.as_ref()
}

fn check_target(path: &str, target: &str, memory: bool, faults: &mut Faults) {
    let path = format!("{path}.target");
    let rule = "must be an absolute path in the container without `..`: `/data`";
    faults.unless(text::target(target), path.as_str(), "invalid_path", rule);
    let shared_memory = memory && target.trim_end_matches('/') == "/dev/shm";
    let taken = ["/proc", "/sys", "/dev", "/.skep"].iter().any(|folder| text::below(target, folder));
    faults.unless(
        !taken || shared_memory,
        path,
        "path_reserved",
        "must not lie in `/proc`, `/sys`, `/dev` or `/.skep` (memory at `/dev/shm` is allowed)",
    );
}

fn volume(app: &AppSpec<'_>, source: String, target: &str, read_only: bool) -> engine::Mount {
    engine::Mount {
        target: Some(target.to_owned()),
        source: Some(source),
        typ: Some(MountType::VOLUME),
        read_only: read_only.then_some(true),
        volume_options: Some(MountVolumeOptions {
            labels: Some(labels::owned(app.stack, app.app)),
            ..Default::default()
        }),
        ..Default::default()
    }
}

fn permissions(path: &str, mode: Option<&str>, faults: &mut Faults) -> u32 {
    let Some(mode) = mode else { return 0o444 };
    let digits = mode.strip_prefix("0o").unwrap_or(mode);
    let value = u32::from_str_radix(digits, 8)
        .ok()
        .filter(|value| *value <= 0o777 && (3..=4).contains(&digits.len()));
    faults.unless(
        value.is_some(),
        format!("{path}.mode"),
        "invalid_mode",
        "must be octal permissions from `0000` to `0777`: `0440`",
    );
    value.unwrap_or(0o444)
}

impl Mounted {
    /// Adds a config and the reference that mounts it.
    fn file(&mut self, app: &AppSpec<'_>, base: &str, target: &str, content: &[u8], mode: u32) {
        let (reference, body) = file((app.stack, app.app), base, target, content, mode);
        self.configs.insert(reference.config_name.clone().unwrap_or_default(), body);
        self.references.push(reference);
    }
}

/// The probe's config, and the reference that mounts it.
pub(crate) fn probe(stack: &str, app: &str, bytes: &[u8]) -> (TaskSpecContainerSpecConfigs, ConfigSpec) {
    file((stack, app), "probe", PROBE, bytes, 0o555)
}

/// A config whose name tells its content, and the reference that mounts it; for a stack and an app.
pub(crate) fn file(
    (stack, app): (&str, &str),
    base: &str,
    target: &str,
    content: &[u8],
    mode: u32,
) -> (TaskSpecContainerSpecConfigs, ConfigSpec) {
    let name = config_name(stack, base, content);
    let reference = TaskSpecContainerSpecConfigs {
        file: Some(TaskSpecContainerSpecFile1 {
            name: Some(target.to_owned()),
            uid: Some("0".to_owned()),
            gid: Some("0".to_owned()),
            mode: Some(mode),
        }),
        config_name: Some(name.clone()),
        ..Default::default()
    };
    let body = ConfigSpec {
        name: Some(name),
        labels: Some(labels::owned(stack, app)),
        data: Some(STANDARD.encode(content)),
        templating: None,
    };
    (reference, body)
}

/// `<stack>_<name>-<hash8>`, at most 63 characters; the name is cut, never the hash.
pub(crate) fn config_name(stack: &str, base: &str, content: &[u8]) -> String {
    let hash = &hex::encode(Sha256::digest(content))[..8];
    let base: String = base
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '.' || c == '_' { c } else { '-' })
        .take(text::NAME_MAX.saturating_sub(stack.len() + 10))
        .collect();
    format!("{stack}_{base}-{hash}")
}
