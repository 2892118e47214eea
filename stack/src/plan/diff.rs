//! The fields in which two normal forms differ.
//!
//! The values of variables and of log driver options (tokens live there) are never shown. To mask
//! one more place: a line in [`masked`].

use serde_json::Value;

use super::Change;

/// All changes from `old` to `new`, sorted by path.
pub(super) fn diff(old: &Value, new: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    walk(Some(old), Some(new), &mut Vec::new(), &mut changes);
    changes
}

fn walk<'v>(
    old: Option<&'v Value>,
    new: Option<&'v Value>,
    path: &mut Vec<&'v str>,
    changes: &mut Vec<Change>,
) {
    if old == new {
        return;
    }
    let map = |value: Option<&'v Value>| value.and_then(Value::as_object);
    let (old_map, new_map) = (map(old), map(new));
    let leaf = |value: Option<&Value>| {
        value.is_some_and(|value| value.as_object().is_none_or(serde_json::Map::is_empty))
    };
    if leaf(old) || leaf(new) {
        changes.push(change(old, new, path));
        return;
    }
    let mut keys: Vec<&'v String> =
        old_map.into_iter().chain(new_map).flat_map(serde_json::Map::keys).collect();
    keys.sort();
    keys.dedup();
    for key in keys {
        path.push(key);
        walk(old_map.and_then(|map| map.get(key)), new_map.and_then(|map| map.get(key)), path, changes);
        path.pop();
    }
}

fn change(old: Option<&Value>, new: Option<&Value>, path: &[&str]) -> Change {
    let (from, to) = if masked(path) {
        let to = if old.is_some() { "changed" } else { "set" };
        (old.map(|_| "set".to_owned()), new.map(|_| to.to_owned()))
    } else {
        (old.map(show), new.map(show))
    };
    Change { path: show_path(path), from, to }
}

fn masked(path: &[&str]) -> bool {
    matches!(
        path,
        ["TaskTemplate", "ContainerSpec", "Env", ..] | ["TaskTemplate", "LogDriver", "Options", ..]
    )
}

fn show(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// `TaskTemplate.ContainerSpec.Mounts[/data].Source`
fn show_path(path: &[&str]) -> String {
    let mut text = String::new();
    for part in path {
        if part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !part.is_empty() {
            if !text.is_empty() {
                text.push('.');
            }
            text.push_str(part);
        } else {
            text.push_str(&format!("[{part}]"));
        }
    }
    text
}
