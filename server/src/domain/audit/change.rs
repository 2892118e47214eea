//! What is other than before, field by field, without secrets. A [`Shown`] is made here alone, by rules
//! that rather hide too much: the log is kept for long, goes to others, and cannot be mended.
//!
//! Hidden are: what has a name like a secret's, what users fill with anything (variables, commands,
//! labels, build arguments, contents of files), bytes, and the password of an address. A text of several
//! lines is told by their number.
//!
//! To hide more: a word in [`HIDDEN`] or [`SECRET`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::app::App;

/// Stands in place of a secret.
const MASK: &str = "(secret)";
/// Names whose values are hidden whatever they are: all below them, too.
const HIDDEN: &[&str] = &[
    "args",
    "command",
    "content",
    "entrypoint",
    "env",
    "environment",
    "hash",
    "headers",
    "key",
    "labels",
    "request_headers",
    "response_headers",
    "sealed",
    "value",
    "variables",
];
/// Hidden is what has one of these within its name.
const SECRET: &[&str] = &[
    "apikey",
    "api_key",
    "auth",
    "cookie",
    "credentials",
    "passphrase",
    "passwd",
    "password",
    "private",
    "secret",
    "signature",
    "token",
];
/// Fields of one change that are told.
const FIELDS: usize = 64;
/// Characters of a text that are told.
const TEXT: usize = 200;
/// So many small numbers in a row are bytes.
const BYTES: usize = 16;

/// A value that everybody who reads the log may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Shown {
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// Anything else, in words.
    Text(String),
}

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flag(yes) => f.write_str(if *yes { "yes" } else { "no" }),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// A field that is other than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its path: `settings.update.monitor`.
    pub field: String,
    /// As it was; none if it was not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Shown>,
    /// As it is; none if it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Shown>,
}

/// All fields that are other than before, by their paths.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Change(Vec<Field>);

impl Change {
    /// Nothing to tell.
    #[must_use]
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// From one value to another of its kind.
    #[must_use]
    pub fn of(before: &impl Serialize, after: &impl Serialize) -> Self {
        let (before, after) = (flat(before), flat(after));
        let mut paths: Vec<&String> = before.keys().chain(after.keys()).collect();
        paths.sort_unstable();
        paths.dedup();
        paths.retain(|path| before.get(*path) != after.get(*path));
        let more = paths.len().saturating_sub(FIELDS);
        let shown =
            |path: &String, side: &BTreeMap<String, Value>| side.get(path).map(|value| show(path, value));
        let field = |path: &String| Field {
            field: cut(path),
            before: shown(path, &before),
            after: shown(path, &after),
        };
        let mut fields: Vec<Field> = paths.into_iter().take(FIELDS).map(field).collect();
        if more > 0 {
            let told = Some(Shown::Text(format!("{more} more fields")));
            fields.push(Field { field: "…".to_owned(), before: None, after: told });
        }
        Self(fields)
    }

    /// Something new.
    #[must_use]
    pub fn made(new: &impl Serialize) -> Self {
        Self::of(&Value::Null, new)
    }

    /// Something that is gone.
    #[must_use]
    pub fn gone(old: &impl Serialize) -> Self {
        Self::of(old, &Value::Null)
    }

    /// From one state of an app to another.
    #[must_use]
    pub fn of_app(before: Option<&App>, after: Option<&App>) -> Self {
        let told = |app: Option<&App>| {
            app.map(|app| {
                json!({
                    "name": app.name.as_str(), "source": app.source, "build": app.build, "settings": app.settings,
                    "auto_deploy": app.auto_deploy, "wanted": app.wanted.name(),
                })
            })
        };
        Self::of(&told(before), &told(after))
    }

    /// All fields.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.0
    }

    /// The one text of it.
    pub(super) fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads the one text of it; any other text is none.
    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_str::<Self>(text).ok().filter(|change| change.json() == text)
    }
}

/// All values with their paths. Absent ones are left out.
fn flat(value: &impl Serialize) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    collect(String::new(), serde_json::to_value(value).unwrap_or_default(), &mut all);
    all
}

fn collect(path: String, value: Value, all: &mut BTreeMap<String, Value>) {
    match value {
        Value::Null => {}
        Value::Object(map) => {
            for (key, value) in map {
                collect(if path.is_empty() { key } else { format!("{path}.{key}") }, value, all);
            }
        }
        Value::Array(list) if list.iter().any(|item| item.is_object() || item.is_array()) => {
            for (at, value) in list.into_iter().enumerate() {
                collect(format!("{path}[{at}]"), value, all);
            }
        }
        plain => {
            all.insert(path, plain);
        }
    }
}

fn show(path: &str, value: &Value) -> Shown {
    if hidden(path) {
        return Shown::Text(MASK.to_owned());
    }
    match value {
        Value::Bool(yes) => Shown::Flag(*yes),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Shown::Number(number),
            None => Shown::Text(number.to_string()),
        },
        Value::String(text) => Shown::Text(plain(text)),
        Value::Array(list) if bytes(list) => Shown::Text(MASK.to_owned()),
        Value::Array(list) => {
            let words: Vec<String> = list.iter().map(|item| show(path, item).to_string()).collect();
            Shown::Text(cut(&words.join(", ")))
        }
        Value::Null | Value::Object(_) => Shown::Text(String::new()),
    }
}

/// Whether a part of the path names something that is not to be seen.
fn hidden(path: &str) -> bool {
    path.split(['.', '[']).any(|part| {
        let part = part.to_ascii_lowercase();
        HIDDEN.contains(&part.as_str()) || SECRET.iter().any(|word| part.contains(word))
    })
}

fn bytes(list: &[Value]) -> bool {
    list.len() >= BYTES && list.iter().all(|item| item.as_u64().is_some_and(|number| number < 256))
}

/// A text without what must not be seen of it.
fn plain(text: &str) -> String {
    match text.trim_end().lines().count() {
        0 | 1 => cut(&without_password(text)),
        lines => format!("({lines} lines)"),
    }
}

/// `https://user:password@host` with the password masked, wherever it stands.
fn without_password(text: &str) -> String {
    let mut parts = text.split("://");
    let mut told = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        told.push_str("://");
        let end = part.find(['/', '?', '#', ' ']).unwrap_or(part.len());
        let (authority, rest) = part.split_at(end);
        match authority.rsplit_once('@') {
            Some((_, host)) => told.push_str(&format!("{MASK}@{host}")),
            None => told.push_str(authority),
        }
        told.push_str(rest);
    }
    told
}

fn cut(text: &str) -> String {
    let mut plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut kept: String = plain.by_ref().take(TEXT).collect();
    if plain.next().is_some() {
        kept.push('…');
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(before: &Value, after: &Value) -> String {
        Change::of(before, after).json()
    }

    #[test]
    fn only_what_differs_is_told() {
        let before =
            json!({"port": 80, "update": {"monitor": "5s", "order": "start-first"}, "aliases": ["a"]});
        let after = json!({"port": 8080, "update": {"monitor": "5s"}, "aliases": ["a", "b"], "init": true});
        let expected = r#"[{"field":"aliases","before":"a","after":"a, b"},{"field":"init","after":true},{"field":"port","before":80,"after":8080},{"field":"update.order","before":"start-first"}]"#;
        assert_eq!(told(&before, &after), expected);
        assert_eq!(told(&after, &after), "[]");
        assert_eq!(Change::read(expected).expect("as written").json(), expected);
        assert!(
            Change::read(&expected.replace("80,", "80 ,")).is_none(),
            "another text of the same is another"
        );
    }

    #[test]
    fn no_secret_is_told() {
        let secret = "hunter2-hunter2";
        let bytes: Vec<u8> = secret.bytes().chain(secret.bytes()).collect();
        let with = json!({
            "password": secret, "registry_password": secret, "apiToken": secret, "sealed": bytes, "data": bytes,
            "env": {"A": secret}, "settings": {"command": ["run", secret], "labels": {"x": secret}},
            "build": {"args": {"A": {"deep": secret}}}, "mounts": [{"content": secret}],
            "source": {"text": format!("services:\n  web:\n    environment: [A={secret}]\n")},
            "url": format!("https://me:{secret}@git.example.org/shop?x=1"), "n": 1,
        });
        for change in [Change::made(&with), Change::gone(&with), Change::of(&with, &json!({"url": "x"}))] {
            let text = change.json();
            assert!(!text.contains("hunter2") && !text.contains("104,117"), "{text}");
            assert!(text.contains(MASK) && text.contains("(3 lines)"), "{text}");
        }
        let made = Change::made(&with).json();
        assert!(made.contains("https://(secret)@git.example.org/shop?x=1"), "{made}");
    }

    #[test]
    fn a_secret_that_changes_is_told_to_have_changed() {
        let text = told(&json!({"password": "one"}), &json!({"password": "two"}));
        assert_eq!(text, r#"[{"field":"password","before":"(secret)","after":"(secret)"}]"#);
    }

    #[test]
    fn what_is_long_is_cut() {
        let long: Value = (0..200)
            .map(|n| (format!("f{n:03}"), json!("x".repeat(5_000))))
            .collect::<serde_json::Map<_, _>>()
            .into();
        let change = Change::made(&long);
        assert_eq!(change.fields().len(), FIELDS + 1);
        assert!(change.json().contains("136 more fields") && change.json().len() < 20_000);
    }
}
