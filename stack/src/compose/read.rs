//! Typed reading of nodes: each wrong one is a fault with its path and line, and reading goes on.
//!
//! To add a type: a method of [`At`] that gives the value, or notes what it must be.

use super::yaml::{Node, Value, join};
use crate::{
    fault::{Fault, Faults},
    units,
};

/// A key of a map and its value.
pub(super) type Entry<'n> = (&'n str, At<'n>);

/// Keys that may be there without a value; all others must have one or be left out.
const NULLABLE: [&str; 7] = ["deploy", "command", "entrypoint", "pid", "develop", "build", "version"];

/// A node and its path.
#[derive(Clone)]
pub(super) struct At<'n> {
    pub(super) node: &'n Node,
    pub(super) path: String,
}

impl<'n> At<'n> {
    pub(super) fn new(node: &'n Node, path: impl Into<String>) -> Self {
        Self { node, path: path.into() }
    }

    /// Notes a fault here.
    pub(super) fn fault(&self, code: &str, message: impl Into<String>, faults: &mut Faults) {
        faults.0.push(Fault::new(self.path.as_str(), code, message).at(&self.node.place));
    }

    fn wrong<T>(&self, what: &str, faults: &mut Faults) -> Option<T> {
        self.fault("invalid_type", what, faults);
        None
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self.node.value, Value::Null)
    }

    /// The value of one key, if this is a map that has it.
    pub(super) fn entry(&self, key: &str) -> Option<At<'n>> {
        let Value::Map(entries) = &self.node.value else { return None };
        let (key, node) = entries.iter().find(|(name, _)| name == key)?;
        Some(At::new(node, join(&self.path, key)))
    }

    /// The entries of a map.
    pub(super) fn map(&self, faults: &mut Faults) -> Option<Vec<Entry<'n>>> {
        let Value::Map(entries) = &self.node.value else {
            return self.wrong("must be a map of keys", faults);
        };
        Some(entries.iter().map(|(key, node)| (key.as_str(), At::new(node, join(&self.path, key)))).collect())
    }

    /// A map of these keys, and of keys that begin with `x-`; unknown ones are faults.
    pub(super) fn fields(&self, known: &[&str], faults: &mut Faults) -> Fields<'n> {
        let entries = self.map(faults).unwrap_or_default();
        for (key, at) in &entries {
            if !known.contains(key) && !key.starts_with("x-") {
                at.fault(
                    "unknown_key",
                    format!("is no key that belongs here: known are {}", known.join(", ")),
                    faults,
                );
            } else if at.is_null() && !NULLABLE.contains(key) && !key.starts_with("x-") {
                at.fault("invalid_type", "has no value: give it one, or leave the key out", faults);
            }
        }
        Fields(entries)
    }

    /// The items of a list.
    pub(super) fn list(&self, faults: &mut Faults) -> Vec<At<'n>> {
        match &self.node.value {
            Value::List(list) => list
                .iter()
                .enumerate()
                .map(|(i, node)| At::new(node, format!("{}[{i}]", self.path)))
                .collect(),
            _ => self.wrong("must be a list", faults).unwrap_or_default(),
        }
    }

    /// Text, which numbers and truth values are not.
    pub(super) fn text(&self, faults: &mut Faults) -> Option<&'n str> {
        match &self.node.value {
            Value::Text(text) => Some(text),
            Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
                self.wrong("must be text: quote this value", faults)
            }
            _ => self.wrong("must be text", faults),
        }
    }

    /// Text, or a number or truth value as text: what maps of labels and variables take.
    pub(super) fn word(&self, faults: &mut Faults) -> Option<String> {
        match &self.node.value {
            Value::Bool(set) => Some(set.to_string()),
            _ => self.loose_text(faults),
        }
    }

    /// Text, or a number as text.
    pub(super) fn loose_text(&self, faults: &mut Faults) -> Option<String> {
        match &self.node.value {
            Value::Text(text) | Value::Float(text) => Some(text.clone()),
            Value::Int(number) => Some(number.to_string()),
            Value::Bool(_) => self.wrong("must be text or a number: quote this value", faults),
            _ => self.wrong("must be text or a number", faults),
        }
    }

    /// A whole number (or a text of one, where a variable was put in).
    pub(super) fn int(&self, faults: &mut Faults) -> Option<i64> {
        match &self.node.value {
            Value::Int(number) => Some(*number),
            Value::Float(text) if text.parse::<i64>().is_ok() => text.parse().ok(),
            Value::Text(text) if self.node.substituted => match text.parse() {
                Ok(number) => Some(number),
                Err(_) => self.wrong("must be a whole number", faults),
            },
            _ => self.wrong("must be a whole number, without quotes", faults),
        }
    }

    /// A number.
    pub(super) fn float(&self, faults: &mut Faults) -> Option<f64> {
        match &self.node.value {
            #[expect(clippy::cast_precision_loss, reason = "ratios are small")]
            Value::Int(number) => Some(*number as f64),
            Value::Float(text) => text.parse().ok(),
            Value::Text(text) if self.node.substituted => {
                text.parse().ok().or_else(|| self.wrong("must be a number", faults))
            }
            _ => self.wrong("must be a number, without quotes", faults),
        }
    }

    /// A whole number that is not negative.
    pub(super) fn count(&self, faults: &mut Faults) -> Option<i64> {
        match self.int(faults)? {
            number @ 0.. => Some(number),
            _ => self.wrong("must not be negative", faults),
        }
    }

    /// `true` or `false`.
    pub(super) fn bool(&self, faults: &mut Faults) -> Option<bool> {
        match &self.node.value {
            Value::Bool(set) => Some(*set),
            Value::Text(text) if self.node.substituted => match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "y" | "on" => Some(true),
                "false" | "no" | "n" | "off" => Some(false),
                _ => self.wrong("must be `true` or `false`", faults),
            },
            _ => self.wrong("must be `true` or `false`, without quotes", faults),
        }
    }

    /// A duration as Go writes it, which may have a sign; nanoseconds.
    pub(super) fn duration(&self, faults: &mut Faults) -> Option<i64> {
        let text = self.text(faults)?;
        let (sign, bare) = match text.strip_prefix('-') {
            Some(bare) => (-1, bare),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let value = units::duration(bare).filter(|_| !bare.contains('d')).map(|nanos| sign * nanos);
        if value.is_none() {
            self.fault("invalid_duration", units::DURATION_RULE, faults);
        }
        value
    }

    /// A size as text; bytes.
    pub(super) fn size(&self, faults: &mut Faults) -> Option<i64> {
        let text = self.loose_text(faults)?;
        let value = units::size(&text);
        if value.is_none() {
            self.fault("invalid_size", units::SIZE_RULE, faults);
        }
        value
    }

    /// A number of CPUs; billionths.
    pub(super) fn cpus(&self, faults: &mut Faults) -> Option<i64> {
        let text = self.loose_text(faults)?;
        let value = units::cpus(&text);
        if value.is_none() {
            self.fault("invalid_cpus", units::CPUS_RULE, faults);
        }
        value
    }

    /// A list of texts, each once.
    pub(super) fn unique_texts(&self, faults: &mut Faults) -> Vec<String> {
        self.unique_list(faults).iter().filter_map(|item| item.text(faults).map(ToOwned::to_owned)).collect()
    }

    /// A list of texts.
    pub(super) fn texts(&self, faults: &mut Faults) -> Vec<String> {
        self.list(faults).iter().filter_map(|item| item.text(faults).map(ToOwned::to_owned)).collect()
    }

    /// A text, or a list of them.
    pub(super) fn text_or_list(&self, faults: &mut Faults) -> Vec<String> {
        match &self.node.value {
            Value::Text(text) => vec![text.clone()],
            _ => self.unique_texts(faults),
        }
    }

    /// `KEY: value` or a list of `KEY=value`; none where there is no value. Faults name the key's
    /// path, never the value.
    pub(super) fn pairs(&self, faults: &mut Faults) -> Vec<(String, Option<String>, At<'n>)> {
        match &self.node.value {
            Value::List(_) => self
                .unique_list(faults)
                .into_iter()
                .filter_map(|item| {
                    let text = item.text(faults)?;
                    Some(match text.split_once('=') {
                        Some((key, value)) => (key.to_owned(), Some(value.to_owned()), item),
                        None => (text.to_owned(), None, item),
                    })
                })
                .collect(),
            _ => self
                .map(faults)
                .unwrap_or_default()
                .into_iter()
                .filter_map(|(key, item)| {
                    let value = if item.is_null() { None } else { Some(item.word(faults)?) };
                    Some((key.to_owned(), value, item))
                })
                .collect(),
        }
    }
}

/// The known keys of a map.
pub(super) struct Fields<'n>(Vec<Entry<'n>>);

impl<'n> Fields<'n> {
    /// The value of a key, if it is there and not null.
    pub(super) fn get(&self, key: &str) -> Option<&At<'n>> {
        self.0.iter().find(|(name, at)| *name == key && !at.is_null()).map(|(_, at)| at)
    }

    /// Whether the key is there, null or not.
    pub(super) fn has(&self, key: &str) -> bool {
        self.0.iter().any(|(name, _)| *name == key)
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Entry<'n>> {
        self.0.iter()
    }
}
