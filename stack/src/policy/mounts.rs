//! What the container sees of the node's file system.

use bollard_stubs::models::{Mount, MountType};

use super::{Grants, View};
use crate::{fault::Faults, text};

/// Where the engine listens. Who can write there is root on the cluster.
const SOCKETS: [&str; 4] = [
    "/var/run/docker.sock",
    "/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/var/run/containerd/containerd.sock",
];

pub(super) fn check(view: &View<'_>, grants: &Grants, faults: &mut Faults) {
    for mount in view.container().into_iter().flat_map(|container| container.mounts.iter().flatten()) {
        let path = view.path("volumes", "mounts");
        match mount.typ {
            Some(MountType::BIND) => bind(path, mount, grants, faults),
            Some(MountType::VOLUME) => volume(path, mount, view, grants, faults),
            Some(MountType::TMPFS) => {}
            Some(MountType::NPIPE | MountType::CLUSTER | MountType::IMAGE) | None => {
                faults.add(path, "mount_type", "must be a volume, a file or memory (tmpfs)");
            }
        }
    }
}

fn bind(path: String, mount: &Mount, grants: &Grants, faults: &mut Faults) {
    let Some(source) = clean(mount.source.as_deref().unwrap_or_default()) else {
        faults.add(
            path,
            "host_path",
            "must not be a path of the host, least of all a relative one: use a named volume",
        );
        return;
    };
    let reaches_socket =
        SOCKETS.iter().any(|socket| text::below(socket, &source) || text::below(&source, socket))
            || source == "/"
            || source.ends_with("docker.sock");
    let granted = if reaches_socket {
        grants.host_paths.contains(&source)
    } else {
        grants.host_paths.iter().any(|granted| text::below(&source, granted.trim_end_matches('/')))
    };
    if granted {
        return;
    }
    if reaches_socket {
        faults.add(
            path,
            "docker_socket",
            "the engine's socket is never mounted: whoever has it is root on the cluster",
        );
    } else {
        faults.add(
            path,
            "host_path",
            "must not be a path of the host: use a named volume; the instance's owner can grant a path",
        );
    }
}

/// The path without empty and `.` parts; none if it is relative or has `..`.
fn clean(source: &str) -> Option<String> {
    let parts: Vec<&str> = source.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    (source.starts_with('/') && !parts.contains(&"..")).then(|| format!("/{}", parts.join("/")))
}

fn volume(path: String, mount: &Mount, view: &View<'_>, grants: &Grants, faults: &mut Faults) {
    let source = mount.source.as_deref().unwrap_or_default();
    let own = text::short(&view.stack.name, source);
    faults.unless(
        source.is_empty() || own.is_some_and(text::object) || grants.inherited.volumes.contains(source),
        path.as_str(),
        "foreign_volume",
        "is not known: volumes belong to one app, named `<stack>_<name>`",
    );
    let Some(driver) = mount.volume_options.as_ref().and_then(|options| options.driver_config.as_ref())
    else {
        return;
    };
    let name = match driver.name.as_deref() {
        None | Some("") => "local",
        Some(name) => name,
    };
    let plain = name == "local" && driver.options.as_ref().is_none_or(|options| options.is_empty());
    faults.unless(
        plain || grants.volume_drivers.contains(name),
        path,
        "volume_driver",
        "must use the driver `local` without options, which can reach any path of the host: the instance's owner can grant it",
    );
}
