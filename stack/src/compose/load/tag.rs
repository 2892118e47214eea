//! Tags of YAML: `!reset` and `!override` of the Compose specification, and those of YAML's core
//! that only say what a value is (`!!str 8080`). All others are refused: `!include` reads files,
//! `!!binary` hides text.
//!
//! To allow a tag: an arm in [`scalar`], and in [`block`] if maps or lists may have it.

use saphyr_parser::Tag;

use super::super::{scalar as word, yaml::Value};

/// What a later file does to an earlier value (Compose specification, merge).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in super::super) enum Mark {
    /// It is merged.
    #[default]
    Merge,
    /// `!override`: it replaces the earlier one whole.
    Override,
    /// `!reset`: it removes the earlier one, and is itself none.
    Reset,
}

/// What may stand there, for messages.
pub(in super::super) const RULE: &str =
    "must not have this tag: known are `!reset`, `!override`, and `!!str`, `!!int` and their like";

/// The value of a scalar under its tag; none if the tag is refused, or the text is nothing of that
/// kind.
pub(in super::super) fn scalar(tag: &Tag, text: &str, plain: bool) -> Option<(Value, Mark)> {
    let own = || if plain { word::plain(text) } else { Value::Text(text.to_owned()) };
    if let Some(mark) = mark(tag) {
        return Some((own(), mark));
    }
    let value = match (core(tag)?.as_str(), word::plain(text)) {
        ("", Value::Null) if text.is_empty() => Value::Null,
        ("str" | "", _) => Value::Text(text.to_owned()),
        ("int", value @ Value::Int(_))
        | ("float", value @ Value::Float(_))
        | ("bool", value @ Value::Bool(_))
        | ("null", value @ Value::Null) => value,
        ("float", Value::Int(number)) => Value::Float(number.to_string()),
        ("timestamp" | "merge", _) => own(),
        _ => return None,
    };
    Some((value, Mark::Merge))
}

/// What the tag of a map or list says; none if it is refused.
pub(in super::super) fn block(tag: Option<&Tag>) -> Option<Mark> {
    let Some(tag) = tag else { return Some(Mark::Merge) };
    let core = || core(tag).filter(|name| matches!(name.as_str(), "map" | "seq" | "")).map(|_| Mark::Merge);
    mark(tag).or_else(core)
}

fn mark(tag: &Tag) -> Option<Mark> {
    match (tag.handle.as_str(), tag.suffix.as_str()) {
        ("!", "reset") | ("", "!reset") => Some(Mark::Reset),
        ("!", "override") | ("", "!override") => Some(Mark::Override),
        _ => None,
    }
}

/// The name of a tag of YAML's own; empty for a lone `!`, which says that it is text.
fn core(tag: &Tag) -> Option<String> {
    let whole = format!("{}{}", tag.handle, tag.suffix);
    if whole == "!" {
        return Some(String::new());
    }
    whole.strip_prefix("tag:yaml.org,2002:").map(ToOwned::to_owned)
}
