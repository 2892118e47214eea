//! Services that are only there if one of their profiles is active (Compose specification,
//! profiles).

use std::collections::BTreeSet;

use super::super::{
    read::At,
    yaml::{Node, Value, join},
};
use crate::fault::{Fault, Faults};

/// Takes the services out that no active profile names, and what others say of them.
pub(super) fn apply(root: &mut Node, active: &[String], faults: &mut Faults, notes: &mut Faults) {
    let Some(Node { value: Value::Map(services), .. }) = root.get_mut("services") else { return };
    let mut gone = BTreeSet::new();
    services.retain_mut(|(name, service)| {
        let Some(own) = service.take("profiles") else { return true };
        let path = join(&join("services", name), "profiles");
        let Some(own) = names(&own) else {
            if own.value != Value::Null {
                let message = "must be a list of names";
                faults.0.push(Fault::new(path, "invalid_type", message).at(&own.place));
            }
            return true;
        };
        let stays = own.is_empty() || active.iter().any(|name| name == "*" || own.contains(&name.as_str()));
        if !stays {
            let message =
                format!("leaves the service out: active must be {}", own.join(" or ").escape_debug());
            notes.0.push(Fault::new(path, "inactive", message).at(&service.place));
            gone.insert(name.clone());
        }
        stays
    });
    for (name, service) in services.iter_mut() {
        if let Some(needs) = service.get_mut("depends_on") {
            prune(needs, &join(&join("services", name), "depends_on"), &gone, faults);
        }
    }
}

fn names(node: &Node) -> Option<Vec<&str>> {
    let Value::List(list) = &node.value else { return None };
    list.iter().map(Node::text).collect()
}

/// What is not required may be left out with its service.
fn prune(needs: &mut Node, path: &str, gone: &BTreeSet<String>, faults: &mut Faults) {
    let message = "names a service that no active profile has: activate one, or write `required: false`";
    let refuse = |path: String, node: &Node, faults: &mut Faults| {
        faults.0.push(Fault::new(path, "inactive_service", message).at(&node.place));
    };
    match &mut needs.value {
        Value::List(list) => {
            for (i, item) in list.iter().enumerate() {
                if item.text().is_some_and(|name| gone.contains(name)) {
                    refuse(format!("{path}[{i}]"), item, faults);
                }
            }
        }
        Value::Map(entries) => entries.retain(|(name, node)| {
            if !gone.contains(name) {
                return true;
            }
            let required = At::new(node, path).entry("required").and_then(|at| at.bool(faults));
            if required != Some(false) {
                refuse(join(path, name), node, faults);
            }
            required != Some(false)
        }),
        _ => {}
    }
}
