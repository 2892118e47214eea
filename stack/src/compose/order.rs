//! `depends_on`: which services come first, and what is waited for.
//!
//! To add a condition: its name in [`CONDITIONS`], and what it means in [`Need`].

use std::collections::BTreeSet;

use super::{
    convert::Build,
    read::{At, Entry},
    yaml::Value,
};
use crate::fault::Faults;

const CONDITIONS: [&str; 3] = ["service_started", "service_healthy", "service_completed_successfully"];

/// The code of a note that is a fault for `place`: the docker CLI does not read `depends_on`.
pub(super) const UNKNOWN: &str = "unknown_service";

/// One service that another needs.
pub(super) struct Need<'n> {
    pub(super) name: &'n str,
    pub(super) at: At<'n>,
    /// It is a task that ends, and must end well.
    pub(super) completes: bool,
    /// It may be missing.
    optional: bool,
}

/// Notes which services must be there before this one.
pub(super) fn after(name: &str, at: &At<'_>, names: &BTreeSet<&str>, build: &mut Build<'_>) {
    let Value::Map(_) = at.node.value else { return };
    let mut all = BTreeSet::new();
    for need in needs(at, &mut build.faults) {
        if names.contains(need.name) {
            all.insert(build.scoped(need.name));
        } else if !need.optional {
            build.note(&need.at, UNKNOWN, "names no service of this file");
        }
    }
    if !all.is_empty() {
        let full = build.scoped(name);
        build.spec.after.insert(full, all.into_iter().collect());
    }
}

/// What `depends_on` of a service names, in either form.
pub(super) fn needs<'n>(service: &At<'n>, faults: &mut Faults) -> Vec<Need<'n>> {
    let Some(at) = service.entry("depends_on").filter(|at| !at.is_null()) else { return Vec::new() };
    if let Value::Map(_) = &at.node.value {
        let entries: Vec<Entry<'n>> = at.map(faults).unwrap_or_default();
        return entries.into_iter().map(|(name, at)| conditional(name, at, faults)).collect();
    }
    at.unique_list(faults)
        .into_iter()
        .filter_map(|item| {
            let name = item.text(faults)?;
            Some(Need { name, at: item, completes: false, optional: false })
        })
        .collect()
}

fn conditional<'n>(name: &'n str, at: At<'n>, faults: &mut Faults) -> Need<'n> {
    let mut need = Need { name, at: at.clone(), completes: false, optional: false };
    if at.is_null() {
        return need;
    }
    let inner = at.fields(&["condition", "restart", "required"], faults);
    if let Some(at) = inner.get("condition")
        && let Some(condition) = at.text(faults)
    {
        need.completes = condition == CONDITIONS[2];
        if !CONDITIONS.contains(&condition) {
            at.fault("invalid_choice", format!("must be one of {}", CONDITIONS.join(", ")), faults);
        }
    }
    need.optional = inner.get("required").and_then(|at| at.bool(faults)) == Some(false);
    inner.get("restart").and_then(|at| at.bool(faults));
    need
}
