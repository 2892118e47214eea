//! On which nodes a stack may run.

use super::{Grants, View};
use crate::{fault::Faults, reserved, text};

pub(super) fn check(view: &View<'_>, grants: &Grants, faults: &mut Faults) {
    let placement = view.task().and_then(|task| task.placement.as_ref());
    for constraint in placement.into_iter().flat_map(|placement| placement.constraints.iter().flatten()) {
        let path = view.path("deploy.placement.constraints", "placement.constraints");
        let Some((key, same, value)) = text::constraint(constraint) else {
            faults.add(path, "placement_reserved", "must be like `node.labels.disk == ssd`");
            continue;
        };
        if reserved::concerns(constraint) {
            faults.unless(
                grants.placement.contains(constraint),
                path,
                "placement_reserved",
                "must not name the label by which nodes belong to environments: that one keeps itself",
            );
            continue;
        }
        match key.to_ascii_lowercase().as_str() {
            "node.role" => {
                // Only these two exist, and all others match no node.
                let manager = if same { "manager" } else { "worker" };
                faults.unless(
                    !value.eq_ignore_ascii_case(manager) || grants.managers,
                    path,
                    "placement_reserved",
                    "managers run no apps of teams: the instance's owner can grant it to this app",
                );
            }
            "node.id" => faults.unless(
                same && grants.nodes.contains(value),
                path,
                "placement_reserved",
                "must not name a node's id: use a label of nodes, `node.labels.… == …`",
            ),
            _ => {}
        }
    }
}
