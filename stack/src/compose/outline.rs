//! What must be there before a file can become a stack: images to find or build, files to read.

use std::collections::{BTreeMap, BTreeSet};

pub use super::recipe::{Further, Kept, Recipe, in_order};
use super::{
    keys, load, order, parse,
    path::is_file,
    read::{At, Fields},
    recipe,
    yaml::Value,
};
use crate::{
    fault::{Fault, Faults},
    text::LOCAL_REGISTRY,
};

/// What a Compose file needs from outside.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outline {
    /// Images by service, for those that are not built.
    pub images: BTreeMap<String, String>,
    /// Services to build, by name.
    pub builds: BTreeMap<String, Recipe>,
    /// Paths that configs and secrets name by `file:`, as written, and those of `env_file`,
    /// normalised.
    pub files: Vec<String>,
    /// Services that others need (`depends_on`, `links`), by the service that needs them.
    pub needs: BTreeMap<String, BTreeSet<String>>,
    /// Relative paths that services bind, as written: files or folders of the source, or nothing
    /// yet. Those that are given among the files of [`super::ComposeInput`] become configs: a file
    /// under its path as written; a folder under its path with `/` at its end (without bytes),
    /// which says that it was read whole, and all files below it.
    pub binds: Vec<String>,
}

/// The name that the build of a service shall give its image.
pub(super) fn built(stack: &str, service: &str, deployment: i64) -> String {
    format!("{LOCAL_REGISTRY}/{stack}/{}:{deployment}", service.to_ascii_lowercase())
}

/// What the main files, and those of `files` that they include, extend and take values from, name
/// beside them: paths from the folder of the first, and whether the project is at fault without.
/// Once they are among `files`, they may name more.
///
/// # Errors
/// Faults of YAML and variables.
pub fn wanted(
    sources: &[load::Source<'_>],
    vars: &BTreeMap<String, String>,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<Vec<(String, bool)>, Vec<Fault>> {
    let later = |path: &str| files.get(path).cloned().ok_or(load::Missing::Later);
    let project = parse(sources, vars, &later)?;
    let left = project.wanted.into_iter().filter(|(path, _)| !files.contains_key(path));
    Ok(left
        .map(|(path, need)| match need {
            load::Need::Tree { required } | load::Need::Values { required } => (path, required),
        })
        .collect())
}

/// Reads what the main files need, without making their stack. `files`: those that [`wanted`] names, as far
/// as they are there.
///
/// # Errors
/// Faults of YAML, variables, and of the parts that are read here; a file that makes the tree is
/// not there.
pub fn outline(
    sources: &[load::Source<'_>],
    vars: &BTreeMap<String, String>,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<Outline, Vec<Fault>> {
    let load::Project { root, wanted, .. } = read(sources, vars, files)?;
    let mut faults = Faults::default();
    let top = At::new(&root, "").fields(&keys::TOP, &mut faults);
    let mut outline = Outline::default();
    // Whoever asks takes a file that is not there for a fault.
    let needed = wanted
        .into_iter()
        .filter(|(path, need)| *need == load::Need::Values { required: true } && !files.contains_key(path));
    outline.files.extend(needed.map(|(path, _)| path));
    let secrets = top.get("secrets");
    for (name, at) in top.get("services").and_then(|at| at.map(&mut faults)).unwrap_or_default() {
        let fields = at.fields(&keys::SERVICE, &mut faults);
        if let Some(at) = fields.get("build") {
            outline.builds.insert(name.to_owned(), recipe::read(at, vars, secrets, &mut faults));
        } else if let Some(image) = fields.get("image").and_then(|at| at.text(&mut faults)) {
            outline.images.insert(name.to_owned(), image.to_owned());
        }
        outline.binds.extend(binds(&fields));
        let links = fields.get("links").map(|at| at.list(&mut Faults::default())).unwrap_or_default();
        let links = links.into_iter().filter_map(|at| match &at.node.value {
            Value::Text(text) => Some(text.split(':').next().unwrap_or_default().to_owned()),
            _ => None,
        });
        // What is wrong with them is told when the stack is made.
        let needed = order::needs(&at, &mut Faults::default());
        let needed: BTreeSet<String> =
            needed.into_iter().map(|needed| needed.name.to_owned()).chain(links).collect();
        if !needed.is_empty() {
            outline.needs.insert(name.to_owned(), needed);
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
    if let Some(at) = top.get("services") {
        buildable(&outline, at, &mut faults);
    }
    outline.binds.sort();
    outline.binds.dedup();
    faults.give(outline)
}

/// Builds that begin with another service's image: there is one, and none begins with itself.
fn buildable(outline: &Outline, services: &At<'_>, faults: &mut Faults) {
    let order = in_order(&outline.builds);
    for (service, recipe) in &outline.builds {
        let at = services.entry(service).and_then(|at| at.entry("build"));
        let Some(at) = at.and_then(|at| at.entry("additional_contexts")) else { continue };
        for (name, further) in &recipe.contexts {
            let Further::Service(other) = further else { continue };
            if !outline.builds.contains_key(other) && !outline.images.contains_key(other) {
                let message = format!("`{name}` names the service '{other}', which this file does not have");
                at.fault("unknown_service", message, faults);
            }
        }
        if !order.contains(&service.as_str()) {
            at.fault(
                "cycle",
                "begins, over other services, with what it makes: no order builds them",
                faults,
            );
        }
    }
}

/// The tree, with the files that its values come from still missing. Those that would make the tree
/// itself cannot be given to it here.
fn read(
    sources: &[load::Source<'_>],
    vars: &BTreeMap<String, String>,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<load::Project, Vec<Fault>> {
    let later = |path: &str| files.get(path).cloned().ok_or(load::Missing::Later);
    let project = parse(sources, vars, &later)?;
    let tree = |path: &str| {
        !files.contains_key(path)
            && matches!(project.wanted.get(path), Some(load::Need::Tree { required: true }))
    };
    let refuse = |path: &str| {
        if let Some(bytes) = files.get(path) {
            return Ok(bytes.clone());
        }
        Err(if tree(path) {
            load::Missing::Refused("is not read here".to_owned())
        } else {
            load::Missing::Later
        })
    };
    if project.wanted.keys().any(|path| tree(path)) { parse(sources, vars, &refuse) } else { Ok(project) }
}

/// Relative paths that a service binds. What is wrong with a mount is told when the stack is made.
fn binds(fields: &Fields<'_>) -> Vec<String> {
    let list = fields.get("volumes").map(|at| at.list(&mut Faults::default())).unwrap_or_default();
    let source = |at: At<'_>| match &at.node.value {
        Value::Text(text) => text.split_once(':').map(|(source, _)| source.to_owned()),
        _ if at.entry("type")?.text(&mut Faults::default()) == Some("bind") => {
            let source = at.entry("source")?.text(&mut Faults::default())?;
            // Only the short form tells a path by how it begins.
            Some(if is_file(source) { source.to_owned() } else { format!("./{source}") })
        }
        _ => None,
    };
    list.into_iter().filter_map(source).filter(|source| source.starts_with('.')).collect()
}
