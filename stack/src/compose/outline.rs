//! What must be there before a file can become a stack: images to find or build, files to read.

use std::collections::BTreeMap;

use super::{
    parse,
    read::{At, Fields},
    yaml::Value,
};
use crate::fault::{Fault, Faults};

/// What a Compose file needs from outside.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outline {
    /// Images by service, for those that are not built.
    pub images: BTreeMap<String, String>,
    /// Services to build, by name.
    pub builds: BTreeMap<String, Recipe>,
    /// Paths that configs and secrets name by `file:`, as written.
    pub files: Vec<String>,
}

/// How a service is built.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recipe {
    /// The build context, relative to the file: `.` if absent.
    pub context: String,
    /// The Dockerfile, relative to the context: `Dockerfile` if absent.
    pub dockerfile: String,
    /// The stage to build; the last one if none.
    pub target: Option<String>,
    /// Build arguments.
    pub args: BTreeMap<String, String>,
}

/// The name that the build of a service shall give its image.
pub(super) fn built(stack: &str, service: &str, deployment: i64) -> String {
    format!("skep.invalid/{stack}/{}:{deployment}", service.to_ascii_lowercase())
}

/// Reads what a file needs, without making its stack.
///
/// # Errors
/// Faults of YAML, variables, and of the parts that are read here.
pub fn outline(text: &str, vars: &BTreeMap<String, String>) -> Result<Outline, Vec<Fault>> {
    let root = parse(text, vars)?;
    let mut faults = Faults::default();
    let top = At::new(&root, "").fields(&super::keys::TOP, &mut faults);
    let mut outline = Outline::default();
    for (name, at) in top.get("services").and_then(|at| at.map(&mut faults)).unwrap_or_default() {
        let fields = at.fields(&super::keys::service(), &mut faults);
        if let Some(at) = fields.get("build") {
            let recipe = recipe(at, vars, &mut faults);
            outline.builds.insert(name.to_owned(), recipe);
        } else if let Some(image) = fields.get("image").and_then(|at| at.text(&mut faults)) {
            outline.images.insert(name.to_owned(), image.to_owned());
        }
    }
    for section in ["configs", "secrets"] {
        for (_, at) in top.get(section).and_then(|at| at.map(&mut faults)).unwrap_or_default() {
            if let Value::Map(entries) = &at.node.value
                && let Some((_, node)) = entries.iter().find(|(key, _)| key == "file")
                && let Some(path) = At::new(node, format!("{}.file", at.path)).text(&mut faults)
            {
                outline.files.push(path.to_owned());
            }
        }
    }
    faults.give(outline)
}

fn recipe(at: &At<'_>, vars: &BTreeMap<String, String>, faults: &mut Faults) -> Recipe {
    const KNOWN: [&str; 6] = ["context", "dockerfile", "target", "args", "labels", "tags"];
    const REFUSED: [&str; 12] = [
        "network",
        "ssh",
        "privileged",
        "entitlements",
        "additional_contexts",
        "secrets",
        "extra_hosts",
        "isolation",
        "cache_from",
        "cache_to",
        "platforms",
        "dockerfile_inline",
    ];
    let mut recipe =
        Recipe { context: ".".to_owned(), dockerfile: "Dockerfile".to_owned(), ..Recipe::default() };
    let inside = |at: &At<'_>, text: &str, faults: &mut Faults| {
        let bad = text.starts_with('/')
            || text.contains("://")
            || text.contains('@')
            || text.split('/').any(|part| part == "..");
        if bad || text.chars().any(char::is_control) {
            at.fault(
                "path_outside_repository",
                "must be a relative path inside the repository, without `..`",
                faults,
            );
        }
        text.to_owned()
    };
    if let Value::Text(context) = &at.node.value {
        recipe.context = inside(at, context, faults);
        return recipe;
    }
    let known: Vec<&str> = KNOWN.iter().chain(&REFUSED).copied().collect();
    let fields: Fields<'_> = at.fields(&known, faults);
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
    recipe.target = fields.get("target").and_then(|at| at.text(faults)).map(ToOwned::to_owned);
    for (key, value, _) in fields.get("args").map(|at| at.pairs(faults)).unwrap_or_default() {
        if let Some(value) = value.or_else(|| vars.get(&key).cloned()) {
            recipe.args.insert(key, value);
        }
    }
    recipe
}
