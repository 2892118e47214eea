//! `depends_on`: which services come first, and what is waited for.
//!
//! To add a condition: its name in [`CONDITIONS`], and what it means in [`Need`].

use std::collections::BTreeSet;

use super::{
    convert::Build,
    read::{At, Entry},
    yaml::Value,
};
use crate::{
    fault::Faults,
    spec::{Condition, Need, Needs},
};

const CONDITIONS: [(&str, Condition); 3] = [
    ("service_started", Condition::Started),
    ("service_healthy", Condition::Healthy),
    ("service_completed_successfully", Condition::Completed),
];

/// The code of a note that is a fault for `place`: the docker CLI does not read `depends_on`.
pub(super) const UNKNOWN: &str = "unknown_service";

/// One service that another needs.
pub(super) struct Needed<'n> {
    pub(super) name: &'n str,
    pub(super) at: At<'n>,
    pub(super) need: Need,
    /// It may be missing.
    optional: bool,
}

/// Notes which services must be there before this one.
pub(super) fn after(name: &str, at: &At<'_>, names: &BTreeSet<&str>, build: &mut Build<'_>) {
    let Value::Map(_) = at.node.value else { return };
    let mut all = Needs::new();
    for needed in needs(at, &mut build.faults) {
        if names.contains(needed.name) {
            all.insert(build.scoped(needed.name), needed.need);
        } else if !needed.optional {
            build.note(&needed.at, UNKNOWN, "names no service of this file");
        }
    }
    if !all.is_empty() {
        let full = build.scoped(name);
        build.spec.after.insert(full, all);
    }
}

/// What `depends_on` of a service names, in either form.
pub(super) fn needs<'n>(service: &At<'n>, faults: &mut Faults) -> Vec<Needed<'n>> {
    let Some(at) = service.entry("depends_on").filter(|at| !at.is_null()) else { return Vec::new() };
    if let Value::Map(_) = &at.node.value {
        let entries: Vec<Entry<'n>> = at.map(faults).unwrap_or_default();
        return entries.into_iter().map(|(name, at)| conditional(name, at, faults)).collect();
    }
    at.unique_list(faults)
        .into_iter()
        .filter_map(|item| {
            let name = item.text(faults)?;
            Some(Needed { name, at: item, need: Need::default(), optional: false })
        })
        .collect()
}

fn conditional<'n>(name: &'n str, at: At<'n>, faults: &mut Faults) -> Needed<'n> {
    let mut needed = Needed { name, at: at.clone(), need: Need::default(), optional: false };
    if at.is_null() {
        return needed;
    }
    let inner = at.fields(&["condition", "restart", "required"], faults);
    if let Some(at) = inner.get("condition")
        && let Some(condition) = at.text(faults)
    {
        match CONDITIONS.iter().find(|(word, _)| *word == condition) {
            Some((_, until)) => needed.need.until = *until,
            None => {
                let words = CONDITIONS.map(|(word, _)| word).join(", ");
                at.fault("invalid_choice", format!("must be one of {words}"), faults);
            }
        }
    }
    needed.optional = inner.get("required").and_then(|at| at.bool(faults)) == Some(false);
    needed.need.restart = inner.get("restart").and_then(|at| at.bool(faults)) == Some(true);
    needed
}
