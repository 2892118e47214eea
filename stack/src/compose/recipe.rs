//! How a service is built: its `build` section.
//!
//! To carry a key: a field of [`Recipe`], and its reading in [`read`].

use std::collections::BTreeMap;

use super::{
    read::{At, Fields},
    yaml::Value,
};
use crate::fault::Faults;

/// How a service is built.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recipe {
    /// The build context, relative to the file: `.` if absent.
    pub context: String,
    /// The Dockerfile, relative to the context: `Dockerfile` if absent.
    pub dockerfile: String,
    /// The Dockerfile's own text, instead of a file.
    pub inline: Option<String>,
    /// The stage to build; the last one if none.
    pub target: Option<String>,
    /// Build arguments.
    pub args: BTreeMap<String, String>,
}

const KNOWN: [&str; 5] = ["context", "dockerfile", "dockerfile_inline", "target", "args"];
/// What a build may not ask for.
const REFUSED: [&str; 7] =
    ["network", "ssh", "privileged", "entitlements", "additional_contexts", "secrets", "extra_hosts"];
/// What changes nothing about the image that is built here.
const IGNORED: [&str; 14] = [
    "labels",
    "tags",
    "cache_from",
    "cache_to",
    "isolation",
    "no_cache",
    "no_cache_filter",
    "platforms",
    "provenance",
    "pull",
    "sbom",
    "shm_size",
    "ulimits",
    "memory",
];

/// Reads the section.
pub(super) fn read(at: &At<'_>, vars: &BTreeMap<String, String>, faults: &mut Faults) -> Recipe {
    let mut recipe =
        Recipe { context: ".".to_owned(), dockerfile: "Dockerfile".to_owned(), ..Recipe::default() };
    if let Value::Text(context) = &at.node.value {
        recipe.context = inside(at, context, faults);
        return recipe;
    }
    let fields = fields(at, faults);
    for (key, at) in fields.iter().filter(|(key, _)| REFUSED.contains(key)) {
        at.fault("not_allowed", format!("`{key}` is not supported in builds"), faults);
    }
    for (key, field) in [("context", &mut recipe.context), ("dockerfile", &mut recipe.dockerfile)] {
        if let Some(at) = fields.get(key)
            && let Some(text) = at.text(faults)
        {
            *field = inside(at, text, faults);
        }
    }
    if let Some(at) = fields.get("dockerfile_inline") {
        recipe.inline = at.text(faults).map(ToOwned::to_owned);
        if fields.get("dockerfile").is_some() {
            at.fault("conflict", "stands beside `dockerfile`: keep one of them", faults);
        }
    }
    recipe.target = fields.get("target").and_then(|at| at.text(faults)).map(ToOwned::to_owned);
    for (key, value, _) in fields.get("args").map(|at| at.pairs(faults)).unwrap_or_default() {
        if let Some(value) = value.or_else(|| vars.get(&key).cloned()) {
            recipe.args.insert(key, value);
        }
    }
    recipe
}

/// The section's keys; unknown ones are faults.
fn fields<'n>(at: &At<'n>, faults: &mut Faults) -> Fields<'n> {
    let known: Vec<&str> = KNOWN.iter().chain(&REFUSED).chain(&IGNORED).copied().collect();
    at.fields(&known, faults)
}

/// Checks the section's keys, and notes those without effect.
pub(super) fn check(at: &At<'_>, faults: &mut Faults, notes: &mut Faults) {
    if matches!(at.node.value, Value::Text(_)) {
        return;
    }
    for (key, at) in fields(at, faults).iter().filter(|(key, _)| IGNORED.contains(key)) {
        at.fault("ignored", format!("`{key}` has no effect on the image that is built"), notes);
    }
}

/// A path below the file's folder.
fn inside(at: &At<'_>, text: &str, faults: &mut Faults) -> String {
    let bad = text.starts_with('/')
        || text.contains("://")
        || text.contains('@')
        || text.split('/').any(|part| part == "..");
    if bad || text.chars().any(char::is_control) {
        let rule = "must be a relative path inside the repository, without `..`";
        at.fault("path_outside_repository", rule, faults);
    }
    text.to_owned()
}
