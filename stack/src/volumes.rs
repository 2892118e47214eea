//! Which volumes a service has. A volume is of one node: what pins a service there is here, too.

use bollard_stubs::models::{Mount, MountType, ServiceSpec};

/// Its volumes.
pub fn of(service: &ServiceSpec) -> impl Iterator<Item = &Mount> {
    let container = service.task_template.as_ref().and_then(|task| task.container_spec.as_ref());
    let mounts = container.into_iter().flat_map(|container| container.mounts.iter().flatten());
    mounts.filter(|mount| mount.typ == Some(MountType::VOLUME))
}

/// Those that it may write to.
pub fn written(service: &ServiceSpec) -> impl Iterator<Item = &Mount> {
    of(service).filter(|mount| mount.read_only != Some(true))
}

/// Adds the constraint to one node, by its id; the cluster may have pinned it there already.
pub fn pin(constraints: &mut Vec<String>, node: &str) {
    let pin = format!("node.id=={node}");
    if !constraints.contains(&pin) {
        constraints.push(pin);
    }
}

/// The node that a constraint pins to by its id.
#[must_use]
pub fn pinned(constraint: &str) -> Option<&str> {
    let (key, node) = constraint.split_once("==")?;
    (key.trim() == "node.id").then(|| node.trim())
}
