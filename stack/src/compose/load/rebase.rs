//! Paths of a file in another folder, written anew from the project's folder.
//!
//! To add a key that holds a path: in [`rebase`] or [`service`].

use super::{
    super::yaml::{Node, Value},
    files,
};

/// Rewrites every path of a file that is in `folder`; nothing, if that is the project's own.
pub(super) fn rebase(root: &mut Node, folder: &str) {
    if folder.is_empty() {
        return;
    }
    let rewrite = |node: &mut Node| path(node, folder);
    each(root.get_mut("include"), |entry| {
        rewrite(entry);
        for key in ["path", "project_directory", "env_file"] {
            one_or_many(entry.get_mut(key), rewrite);
        }
    });
    for section in ["configs", "secrets"] {
        each(root.get_mut(section), |entry| entry.get_mut("file").into_iter().for_each(rewrite));
    }
    each(root.get_mut("volumes"), |entry| {
        let Some(options) = entry.get_mut("driver_opts") else { return };
        let bind = options.get("o").and_then(Node::text).is_some_and(|o| o.split(',').any(|o| o == "bind"));
        if let Some(device) = options.get_mut("device").filter(|_| bind) {
            rewrite(device);
        }
    });
    each(root.get_mut("services"), |entry| service(entry, folder));
}

fn service(node: &mut Node, folder: &str) {
    let rewrite = |node: &mut Node| path(node, folder);
    if let Some(build) = node.get_mut("build") {
        context(build, folder);
        build.get_mut("context").into_iter().for_each(|node| context(node, folder));
        each(build.get_mut("additional_contexts"), |node| {
            if let Value::Text(text) = &mut node.value
                && let Some((name, path)) = text.split_once('=')
            {
                *text = format!(
                    "{name}={}",
                    if is_context(path) { inside(path, folder) } else { path.to_owned() }
                );
            } else {
                context(node, folder);
            }
        });
    }
    if let Some(build) = node.get_mut("build")
        && matches!(build.value, Value::Map(_))
        && build.get("context").is_none()
    {
        let here = Node::new(Value::Text(inside(".", folder)), build.place.clone());
        if let Value::Map(entries) = &mut build.value {
            entries.push(("context".to_owned(), here));
        }
    }
    for key in ["env_file", "label_file"] {
        one_or_many(node.get_mut(key), |item| {
            rewrite(item);
            item.get_mut("path").into_iter().for_each(rewrite);
        });
    }
    for (key, inner) in [("extends", "file"), ("credential_spec", "file")] {
        node.get_mut(key).and_then(|node| node.get_mut(inner)).into_iter().for_each(rewrite);
    }
    let watch = node.get_mut("develop").and_then(|node| node.get_mut("watch"));
    each(watch, |item| item.get_mut("path").into_iter().for_each(rewrite));
    each(node.get_mut("volumes"), |item| {
        if item.get("type").and_then(Node::text) == Some("bind") {
            item.get_mut("source").into_iter().for_each(rewrite);
        }
        if let Value::Text(text) = &mut item.value
            && let Some((source, rest)) = text.split_once(':')
            && source.starts_with('.')
        {
            *text = format!("{}:{rest}", inside(source, folder));
        }
    });
}

fn path(node: &mut Node, folder: &str) {
    if let Value::Text(text) = &mut node.value {
        *text = inside(text, folder);
    }
}

fn context(node: &mut Node, folder: &str) {
    if node.text().is_some_and(is_context) {
        path(node, folder);
    }
}

/// What is no path may be a context too: `service:web`, `docker-image://alpine`.
fn is_context(text: &str) -> bool {
    !text.starts_with("service:") && !text.starts_with("github.com/")
}

/// The path from the project's folder, which is seen to be one.
fn inside(path: &str, folder: &str) -> String {
    if path.is_empty() || files::remote(path) || path.starts_with(['/', '~']) {
        return path.to_owned();
    }
    let whole = files::join(folder, path);
    if whole.starts_with("../") || whole.starts_with('/') || whole == ".." {
        whole
    } else {
        format!("./{whole}")
    }
}

/// Every item of a list, or value of a map.
fn each(node: Option<&mut Node>, mut act: impl FnMut(&mut Node)) {
    match node.map(|node| &mut node.value) {
        Some(Value::List(list)) => list.iter_mut().for_each(act),
        Some(Value::Map(entries)) => entries.iter_mut().for_each(|(_, node)| act(node)),
        _ => {}
    }
}

/// Every item of a list, or what there is instead of one.
fn one_or_many(node: Option<&mut Node>, mut act: impl FnMut(&mut Node)) {
    match node {
        Some(Node { value: Value::List(list), .. }) => list.iter_mut().for_each(act),
        Some(node) => act(node),
        None => {}
    }
}
