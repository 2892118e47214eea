//! Where tasks may run. Which constraints a team may ask for is for `policy` to say.

use bollard_stubs::models::{TaskSpecPlacement, TaskSpecPlacementPreferences, TaskSpecPlacementSpread};

use super::{AppSpec, range::Range};
use crate::{fault::Faults, text, volumes::pin};

const PER_NODE: Range = Range::new(1, 1000);
/// Constraints, and preferences, of one app.
const MOST: usize = 32;

/// The engine's placement block: the user's constraints, the cluster's, and the volumes' node.
pub(super) fn convert(app: &AppSpec<'_>, faults: &mut Faults) -> TaskSpecPlacement {
    let set = &app.settings.placement;
    let mut constraints = Vec::new();
    faults.unless(
        set.constraints.len() <= MOST && set.spread.len() <= MOST,
        "settings.placement",
        "too_many",
        "must have at most 32 constraints and 32 preferences",
    );
    for (i, constraint) in set.constraints.iter().enumerate().take(MOST) {
        match text::constraint(constraint) {
            Some((key, same, value)) => {
                constraints.push(format!("{key}{}{value}", if same { "==" } else { "!=" }));
            }
            None => faults.add(
                format!("settings.placement.constraints[{i}]"),
                "invalid_constraint",
                "must be like `node.labels.disk == ssd` or `node.platform.arch != arm64`",
            ),
        }
    }
    constraints.extend(app.constraints.iter().cloned());
    if let Some(node) = app.volume_node.filter(|_| app.settings.has_volume()) {
        pin(&mut constraints, node);
    }
    let mut preferences = Vec::new();
    for (i, key) in set.spread.iter().enumerate().take(MOST) {
        faults.unless(
            text::node_key(key),
            format!("settings.placement.spread[{i}]"),
            "invalid_spread",
            "must be a label to spread over: `node.labels.zone`",
        );
        preferences.push(TaskSpecPlacementPreferences {
            spread: Some(TaskSpecPlacementSpread { spread_descriptor: Some(key.clone()) }),
        });
    }
    TaskSpecPlacement {
        constraints: (!constraints.is_empty()).then_some(constraints),
        preferences: (!preferences.is_empty()).then_some(preferences),
        max_replicas: PER_NODE.count("settings.placement.max_per_node", set.max_per_node, faults),
        platforms: None,
    }
}
