//! `include`: other projects, whose services, networks, volumes, configs and secrets become those
//! of this one (Compose specification, include).

use std::collections::BTreeMap;

use super::{
    super::{
        read::At,
        yaml::{Node, Value, join},
    },
    Need, dotenv, files,
    loading::{Loading, Named, Vars},
    shape,
    tag::Mark,
};

/// Projects within each other.
const DEPTH_MAX: usize = 16;
/// What is taken over.
const SECTIONS: [&str; 5] = ["services", "networks", "volumes", "configs", "secrets"];

/// Takes over what the tree includes; `way` has the main files of the projects around it.
pub(super) fn apply(loading: &mut Loading<'_>, root: &mut Node, vars: &Vars, way: &[String]) {
    let Some(include) = root.take("include") else { return };
    let at = Named { path: "include", node: &include };
    let Value::List(entries) = &include.value else {
        if include.value != Value::Null {
            loading.fault(at, "invalid_type", "must be a list of paths");
        }
        return;
    };
    for (i, entry) in entries.iter().enumerate() {
        let path = format!("include[{i}]");
        if let Some(other) = one(loading, entry, &path, vars, way) {
            for section in SECTIONS {
                import(loading, root, &other, section);
            }
        }
    }
}

fn one(loading: &mut Loading<'_>, entry: &Node, path: &str, vars: &Vars, way: &[String]) -> Option<Node> {
    let at = Named { path, node: entry };
    if matches!(entry.value, Value::Map(_)) {
        At::new(entry, path).fields(&["path", "project_directory", "env_file"], &mut loading.faults);
    }
    let paths = texts(if entry.text().is_some() { Some(entry) } else { entry.get("path") });
    let Some((first, _)) = paths.as_ref().and_then(|paths| paths.split_first()) else {
        loading.fault(at, "required", "must name the path of a file, or several under `path`");
        return None;
    };
    if files::remote(first) {
        loading.text(first, Need::Tree { required: true }, at)?;
    }
    let first = files::join("", first);
    if way.contains(&first) {
        loading.fault(at, "include_cycle", "leads back to a file that includes it");
        return None;
    }
    if way.len() >= DEPTH_MAX {
        loading.fault(at, "too_deep", format!("has more than {DEPTH_MAX} projects within each other"));
        return None;
    }
    let folder = match entry.get("project_directory") {
        Some(node) => files::join("", node.text().unwrap_or_default()),
        None => files::folder(&first).to_owned(),
    };
    let vars = defaults(loading, entry, &folder, vars, at);
    let roots = paths?.iter().filter_map(|path| loading.document(path, &folder, &vars, at)).collect();
    let way: Vec<String> = way.iter().cloned().chain([first]).collect();
    Some(loading.model(roots, &vars, &way))
}

/// The variables, and those of the project's own files, which come after them.
fn defaults(loading: &mut Loading<'_>, entry: &Node, folder: &str, vars: &Vars, at: Named<'_>) -> Vars {
    let (paths, required) = match entry.get("env_file") {
        Some(node) => (texts(Some(node)), true),
        None => (Some(vec![files::join(folder, ".env")]), false),
    };
    if paths.is_none() {
        loading.fault(at, "invalid_type", "must have a path as `env_file`, or a list of them");
    }
    let mut found = Vars::new();
    for path in paths.iter().flatten().filter(|path| *path != "/dev/null") {
        let Some(text) = loading.text(path, Need::Tree { required }, at) else { continue };
        let below = found.clone();
        let known = dotenv::Known { vars, below, unset: loading.input.unset, left: &mut loading.text };
        match dotenv::parse(&text, known) {
            Ok(entries) => {
                found.extend(entries.into_iter().filter_map(|(name, value)| Some((name, value?))));
            }
            Err((line, message)) => {
                let message = format!("names `{}`, whose line {line} {message}", path.escape_debug());
                loading.fault(at, "invalid_env_file", message);
            }
        }
    }
    found.extend(vars.clone());
    found
}

fn import(loading: &mut Loading<'_>, root: &mut Node, other: &Node, section: &str) {
    let Some(Node { value: Value::Map(more), place, .. }) = other.get(section) else { return };
    if root.get(section).is_none_or(|node| node.value == Value::Null) {
        root.take(section);
        if let Value::Map(sections) = &mut root.value {
            sections.push((section.to_owned(), Node::new(Value::Map(Vec::new()), place.clone())));
        }
    }
    let Some(Node { value: Value::Map(own), .. }) = root.get_mut(section) else { return };
    let places: BTreeMap<String, usize> =
        own.iter().enumerate().map(|(i, (name, _))| (name.clone(), i)).collect();
    for (name, node) in more {
        match places.get(name).map(|i| &own[*i].1) {
            None => own.push((name.clone(), node.clone())),
            // The one that is here says that it shall win, or that there shall be none.
            Some(mine) if mine.mark != Mark::Merge || mine == node => {}
            Some(mine) => {
                let message = format!(
                    "is in {} too: give one of them another name, or tag the one of the including file `!override`",
                    mine.place.file.escape_debug()
                );
                let path = join(section, name);
                loading.fault(Named { path: &path, node }, "include_conflict", message);
            }
        }
    }
}

fn texts(node: Option<&Node>) -> Option<Vec<String>> {
    let Node { value: Value::List(list), .. } = shape::to_list(node?.clone()) else { return None };
    list.iter().map(|item| item.text().map(ToOwned::to_owned)).collect()
}
