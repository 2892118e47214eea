//! How a service is built: its `build` section.
//!
//! To carry a key: a field of [`Recipe`], and its reading in [`read`].

use std::collections::BTreeMap;

use super::{
    hosts,
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
    /// Contexts beside the main one, by the names that the Dockerfile has for them.
    pub contexts: BTreeMap<String, Further>,
    /// Labels of the image.
    pub labels: BTreeMap<String, String>,
    /// What its steps may mount as secrets, by id.
    pub secrets: BTreeMap<String, Kept>,
    /// Hosts that its steps know by name, each as `name:address`.
    pub hosts: Vec<String>,
    /// Its steps have no network.
    pub offline: bool,
    /// No step is taken from an earlier build.
    pub no_cache: bool,
    /// Images that it begins with are looked up in their registries anew.
    pub pull: bool,
}

/// A context beside the main one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Further {
    /// A folder, relative to the file.
    Folder(String),
    /// An image.
    Image(String),
    /// The image of another service of the file.
    Service(String),
}

/// Where the value of a build's secret is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// In a file, relative to the Compose file.
    File(String),
    /// In a variable.
    Variable(String),
}

const KNOWN: [&str; 12] = [
    "context",
    "dockerfile",
    "dockerfile_inline",
    "target",
    "args",
    "additional_contexts",
    "labels",
    "secrets",
    "extra_hosts",
    "network",
    "no_cache",
    "pull",
];
/// What a build may not ask for.
const REFUSED: [&str; 3] = ["ssh", "privileged", "entitlements"];
/// What changes nothing about the image that is built here.
const IGNORED: [&str; 11] = [
    "tags",
    "cache_from",
    "cache_to",
    "isolation",
    "no_cache_filter",
    "platforms",
    "provenance",
    "sbom",
    "shm_size",
    "ulimits",
    "memory",
];

/// Reads the section; `secrets`: the file's own section of that name.
pub(super) fn read(
    at: &At<'_>,
    vars: &BTreeMap<String, String>,
    secrets: Option<&At<'_>>,
    faults: &mut Faults,
) -> Recipe {
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
    for (key, value, _) in fields.get("labels").map(|at| at.pairs(faults)).unwrap_or_default() {
        recipe.labels.insert(key, value.unwrap_or_default());
    }
    let further = fields.get("additional_contexts").map(|at| at.pairs(faults)).unwrap_or_default();
    recipe.contexts.extend(further.into_iter().filter_map(|(name, place, at)| {
        let place = further_context(&at, &name, place.as_deref().unwrap_or_default(), faults)?;
        Some((name, place))
    }));
    for item in fields.get("secrets").map(|at| at.list(faults)).unwrap_or_default() {
        recipe.secrets.extend(secret(&item, secrets, faults));
    }
    let known = hosts::convert(&fields, faults).unwrap_or_default();
    recipe.hosts = known
        .iter()
        .filter_map(|line| line.split_once(' '))
        .map(|(ip, name)| format!("{name}:{ip}"))
        .collect();
    match fields.get("network").and_then(|at| Some((at, at.text(faults)?))) {
        None | Some((_, "default")) => {}
        Some((_, "none")) => recipe.offline = true,
        Some((at, _)) => at.fault(
            "not_allowed",
            "must be `default` or `none`: a build joins neither the node's network nor a stack's",
            faults,
        ),
    }
    recipe.no_cache = fields.get("no_cache").and_then(|at| at.bool(faults)).unwrap_or_default();
    recipe.pull = fields.get("pull").and_then(|at| at.bool(faults)).unwrap_or_default();
    recipe
}

/// Where a context beside the main one is. Its name is that of a stage, as it becomes one.
fn further_context(at: &At<'_>, name: &str, place: &str, faults: &mut Faults) -> Option<Further> {
    let mut chars = name.chars();
    let begins = chars.next().is_some_and(|first| first.is_ascii_lowercase());
    if !begins || !chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c)) {
        let rule = "a context's name is a stage's: a lower-case letter, then lower-case letters, digits, `-`, `_` and \
                    `.`; to replace a whole image's name, name a stage in the Dockerfile's `FROM` instead";
        at.fault("invalid_name", rule, faults);
        return None;
    }
    if let Some(service) = place.strip_prefix("service:") {
        return Some(Further::Service(service.to_owned()));
    }
    if let Some(image) = place.strip_prefix("docker-image://") {
        let fit = |c: char| c.is_ascii_alphanumeric() || "./:@_-".contains(c);
        if image.is_empty() || !image.chars().all(fit) {
            at.fault("invalid_image", "must be `docker-image://` and the name of an image", faults);
            return None;
        }
        return Some(Further::Image(image.to_owned()));
    }
    if place.contains("://") || place.contains('@') {
        let rule = "must be a folder of the source, `docker-image://IMAGE` or `service:NAME`: other repositories and \
                    downloads are not fetched, so keep what the build needs in this one";
        at.fault("not_allowed", rule, faults);
        return None;
    }
    Some(Further::Folder(inside(at, place, faults)))
}

/// A secret of the build by its id, in either form.
fn secret(item: &At<'_>, declared: Option<&At<'_>>, faults: &mut Faults) -> Option<(String, Kept)> {
    let (name, id) = if let Value::Map(_) = &item.node.value {
        // Who owns the file in a step is for the Dockerfile's mount to say.
        let fields = item.fields(&["source", "target", "uid", "gid", "mode"], faults);
        let Some(source) = fields.get("source").and_then(|at| at.text(faults)) else {
            item.fault("required", "`source` names a secret of the file", faults);
            return None;
        };
        (source, fields.get("target").and_then(|at| at.text(faults)).unwrap_or(source))
    } else {
        let name = item.text(faults)?;
        (name, name)
    };
    let Some(at) = declared.and_then(|at| at.entry(name)) else {
        item.fault("unknown_secret", "names no secret of this file", faults);
        return None;
    };
    let of = |key: &str| at.entry(key).filter(|at| !at.is_null());
    let kept = match (of("file"), of("environment")) {
        (Some(file), None) => Kept::File(file.text(faults)?.to_owned()),
        (None, Some(key)) => Kept::Variable(key.text(faults)?.to_owned()),
        _ => {
            let rule = "is given to no build: its value must be in an `environment` variable of the app, or in a `file`";
            item.fault("not_readable", rule, faults);
            return None;
        }
    };
    Some((id.to_owned(), kept))
}

/// Services in an order in which each is built after those that its build begins with.
#[must_use]
pub fn in_order(builds: &BTreeMap<String, Recipe>) -> Vec<&str> {
    let mut order: Vec<&str> = Vec::new();
    loop {
        let ready = |service: &str, recipe: &Recipe| {
            !order.contains(&service)
                && recipe.contexts.values().all(|further| match further {
                    Further::Service(other) => !builds.contains_key(other) || order.contains(&other.as_str()),
                    Further::Folder(_) | Further::Image(_) => true,
                })
        };
        let next: Vec<&str> = builds
            .iter()
            .filter(|(name, recipe)| ready(name, recipe))
            .map(|(name, _)| name.as_str())
            .collect();
        if next.is_empty() {
            return order;
        }
        order.extend(next);
    }
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
