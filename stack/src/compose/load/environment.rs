//! `env_file` and `label_file` of services, put into their `environment` and `labels`, which win; and
//! the values that variables of the same name give to what is written without one (Compose
//! specification, `env_file`, `environment`, `label_file`).

use std::collections::BTreeMap;

use super::{
    super::{
        read::At,
        yaml::{Node, Value, join},
    },
    Dialect, Need, dotenv,
    loading::{Loading, Named, Vars},
    shape,
};

/// Does it for every service of the tree.
pub(super) fn apply(loading: &mut Loading<'_>, root: &mut Node) {
    let Some(Node { value: Value::Map(services), .. }) = root.get_mut("services") else { return };
    for (name, service) in services {
        let path = join("services", name);
        let raw = loading.input.dialect == Dialect::Stack;
        for (key, into, raw) in [("env_file", "environment", raw), ("label_file", "labels", false)] {
            if let Some(files) = service.take(key) {
                let found = values(loading, service, files, raw, &join(&path, key));
                fold(service, into, found);
            }
        }
        if let Some(environment) = service.get_mut("environment") {
            fill(loading, environment, &join(&path, "environment"));
        }
    }
}

/// The values of the files, the later ones over the earlier. Those that are named by their path
/// alone are taken `raw`, or as Compose reads them.
fn values(
    loading: &mut Loading<'_>,
    service: &Node,
    files: Node,
    raw: bool,
    path: &str,
) -> Vec<(String, Node)> {
    let single = files.text().is_some();
    let files = shape::to_list(files);
    let items = match &files.value {
        Value::List(items) => items.as_slice(),
        Value::Null => &[],
        _ => {
            loading.fault(Named { path, node: &files }, "invalid_type", "must be a path, or a list of them");
            &[]
        }
    };
    let mut found: Vec<(String, Node)> = Vec::new();
    for (i, item) in items.iter().enumerate() {
        let path = if single { path.to_owned() } else { format!("{path}[{i}]") };
        let at = Named { path: &path, node: item };
        for (name, value) in one(loading, service, at, raw, &found) {
            if !loading.weigh(name.len() + value.len() + 64, &path, &item.place) {
                return found;
            }
            found.push((name, Node::new(Value::Text(value), item.place.clone())));
        }
    }
    found
}

fn one(
    loading: &mut Loading<'_>,
    service: &Node,
    at: Named<'_>,
    raw: bool,
    before: &[(String, Node)],
) -> Vec<(String, String)> {
    let Some((file, required, raw)) = asked(loading, at, raw) else { return Vec::new() };
    let Some(text) = loading.text(&file, Need::Values { required }, at) else { return Vec::new() };
    if !loading.weigh(text.len(), at.path, &at.node.place) {
        return Vec::new();
    }
    let entries = if raw {
        dotenv::raw(&text)
    } else {
        let below =
            before.iter().filter_map(|(name, node)| Some((name.clone(), node.text()?.to_owned()))).collect();
        let mut vars = written(service);
        vars.extend(loading.input.vars.clone());
        let known = dotenv::Known { vars: &vars, below, unset: loading.input.unset, left: &mut loading.text };
        dotenv::parse(&text, known)
    };
    match entries {
        Ok(entries) => entries
            .into_iter()
            .filter_map(|(name, value)| {
                let value = value.or_else(|| loading.input.vars.get(&name).cloned())?;
                Some((name, value))
            })
            .collect(),
        Err((line, message)) => {
            let message = format!("names `{}`, whose line {line} {message}", file.escape_debug());
            loading.fault(at, "invalid_env_file", message);
            Vec::new()
        }
    }
}

/// The path, whether it must be there, and whether its values are taken as they stand.
fn asked(loading: &mut Loading<'_>, at: Named<'_>, raw: bool) -> Option<(String, bool, bool)> {
    if let Some(path) = at.node.text() {
        return Some((path.to_owned(), true, raw));
    }
    let at = At::new(at.node, at.path);
    let faults = &mut loading.faults;
    if !matches!(at.node.value, Value::Map(_)) {
        at.fault("invalid_type", "must be a path, or a map with a `path`", faults);
        return None;
    }
    let fields = at.fields(&["path", "required", "format"], faults);
    let required = fields.get("required").and_then(|at| at.bool(faults)).unwrap_or(true);
    let format = fields.get("format");
    if let Some(at) = format.filter(|at| at.node.text() != Some("raw")) {
        at.fault("invalid_choice", "must be `raw`, or not be there", faults);
    }
    let Some(path) = fields.get("path") else {
        at.fault("required", "must have a `path`", faults);
        return None;
    };
    Some((path.text(faults)?.to_owned(), required, format.is_some()))
}

/// What `environment` says itself.
fn written(service: &Node) -> Vars {
    let Some(environment) = service.get("environment") else { return Vars::new() };
    let pairs = shape::to_pairs(environment.clone());
    let text = |(name, node): &(String, Node)| Some((name.clone(), node.text()?.to_owned()));
    pairs.entries().iter().filter_map(text).collect()
}

/// Puts what files say below what the service says itself, which also wins where it has no value.
fn fold(service: &mut Node, into: &str, found: Vec<(String, Node)>) {
    let Some((_, first)) = found.first() else { return };
    let none = Node::new(Value::Map(Vec::new()), first.place.clone());
    let own = service.take(into).filter(|node| node.value != Value::Null);
    let mut own = own.map_or(none, shape::to_pairs);
    // What is no map is wrong, which is told where it is read.
    if let Value::Map(entries) = &mut own.value {
        let mut all: BTreeMap<String, Node> = found.into_iter().collect();
        all.extend(std::mem::take(entries));
        *entries = all.into_iter().collect();
    }
    if let Value::Map(entries) = &mut service.value {
        entries.push((into.to_owned(), own));
    }
}

/// Gives values to what has none; for `docker stack deploy`, to what is empty too.
fn fill(loading: &mut Loading<'_>, environment: &mut Node, path: &str) {
    let input = loading.input;
    let open = |value: &str| value.is_empty() && input.dialect == Dialect::Stack;
    let mut value_of = |key: &str, node: &Node| {
        let value = input.vars.get(key)?;
        loading.weigh(value.len(), path, &node.place).then_some(value)
    };
    match &mut environment.value {
        Value::Map(entries) => {
            for (key, node) in entries {
                if (node.value == Value::Null || node.text().is_some_and(open))
                    && let Some(value) = value_of(key, node)
                {
                    node.value = Value::Text(value.clone());
                }
            }
        }
        Value::List(items) => {
            for item in items {
                let Some(text) = item.text() else { continue };
                let (key, open) =
                    text.split_once('=').map_or((text, true), |(key, value)| (key, open(value)));
                if open && let Some(value) = value_of(key, item) {
                    item.value = Value::Text(format!("{key}={value}"));
                }
            }
        }
        _ => {}
    }
}
