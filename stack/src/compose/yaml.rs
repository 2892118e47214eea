//! Text to a tree of nodes that know where they are written.
//!
//! Everything is bounded before it is built: size, depth, and what aliases multiply to. Duplicate
//! keys, unknown tags and further documents are refused; merge keys (`<<`) are resolved here, so
//! all checks see what they add. To change a bound: a constant here, and its test below.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};

use super::{
    load::tag::{self, Mark},
    scalar,
};
use crate::fault::{Fault, Place};

/// Bytes of a file.
pub(super) const SIZE_MAX: usize = 1024 * 1024;
/// Maps and lists within each other.
const DEPTH_MAX: usize = 64;
/// What all nodes together may weigh, over all files, aliases counted each time.
pub(super) const WEIGHT_MAX: usize = 8 * 1024 * 1024;
/// What a node weighs beside its text.
const NODE_WEIGHT: usize = 64;

/// A value of the file.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    /// As Go prints it.
    Float(String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) place: Place,
    /// What it does to the value of an earlier file.
    pub(super) mark: Mark,
    /// A variable was put in: text may stand where a number or truth value belongs.
    pub(super) substituted: bool,
}

/// The same value, wherever it stands.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Node {
    pub(super) fn new(value: Value, place: Place) -> Self {
        Self { value, place, mark: Mark::Merge, substituted: false }
    }

    /// The value of a key, if this is a map that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        let Value::Map(entries) = &self.value else { return None };
        entries.iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    /// The value of a key that may be changed, if this is a map that has it.
    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        let Value::Map(entries) = &mut self.value else { return None };
        entries.iter_mut().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    /// Takes a key out of a map.
    pub(super) fn take(&mut self, key: &str) -> Option<Node> {
        let Value::Map(entries) = &mut self.value else { return None };
        let at = entries.iter().position(|(name, _)| name == key)?;
        Some(entries.remove(at).1)
    }

    /// The text, if it is one.
    pub(super) fn text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    /// The entries, if this is a map.
    pub(super) fn entries(&self) -> &[(String, Node)] {
        if let Value::Map(entries) = &self.value { entries } else { &[] }
    }
}

struct Frame {
    path: String,
    place: Place,
    anchor: usize,
    mark: Mark,
    /// The key that waits for its value, in a map.
    key: Option<(String, Place)>,
    /// The keys so far, in a map.
    seen: BTreeSet<String>,
    node: Value,
}

/// Reads the one document of a file; `left` is what its nodes may still weigh.
pub(super) fn read(text: &str, file: &Arc<str>, left: &mut usize) -> Result<Node, Fault> {
    let place = |line, column| Place { file: Arc::clone(file), line, column };
    if text.len() > SIZE_MAX {
        return Err(Fault {
            line: None,
            column: None,
            ..Fault::new("", "too_large", "must be at most 1 MiB").at(&place(0, 0))
        });
    }
    if let Some(at) = text.find('\0') {
        let line = text[..at].matches('\n').count() + 1;
        let column = text[..at].chars().rev().take_while(|c| *c != '\n').count() + 1;
        let message = "must not hold a NUL character: save the file as UTF-8";
        return Err(Fault::new("", "yaml", message).at(&place(short(line), short(column))));
    }
    let loader = Loader {
        file: Arc::clone(file),
        left,
        frames: Vec::new(),
        anchors: BTreeMap::new(),
        quoted: false,
        root: None,
    };
    loader.run(text.strip_prefix('\u{feff}').unwrap_or(text))
}

struct Loader<'l> {
    file: Arc<str>,
    left: &'l mut usize,
    frames: Vec<Frame>,
    anchors: BTreeMap<usize, (Node, usize)>,
    /// The last scalar is not plain.
    quoted: bool,
    root: Option<Node>,
}

impl Loader<'_> {
    fn run(mut self, text: &str) -> Result<Node, Fault> {
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| {
                // The parser has a bound of its own for what it must look ahead over.
                let code = if error.info().contains("limit") { "yaml_limit" } else { "yaml" };
                Fault::new("", code, format!("is no YAML: {}", error.info())).at(&self.place(error.marker()))
            })?;
            let place = self.place(&span.start);
            match event {
                Event::DocumentStart(_) if self.root.is_some() => {
                    let message = "must be one document: remove what follows `---`";
                    return Err(Fault::new("", "yaml_documents", message).at(&place));
                }
                Event::Scalar(text, style, anchor, tag) => {
                    self.weigh(NODE_WEIGHT + text.len(), &place)?;
                    self.quoted = style != ScalarStyle::Plain;
                    let node = self.scalar(&text, style == ScalarStyle::Plain, tag.as_deref(), place)?;
                    self.put(node, anchor)?;
                }
                Event::SequenceStart(anchor, tag) => {
                    self.open(Value::List(Vec::new()), anchor, tag.as_deref(), place)?;
                }
                Event::MappingStart(anchor, tag) => {
                    self.open(Value::Map(Vec::new()), anchor, tag.as_deref(), place)?;
                }
                Event::SequenceEnd | Event::MappingEnd => self.close()?,
                Event::Alias(anchor) => {
                    let Some((node, weight)) = self.anchors.get(&anchor).cloned() else {
                        return Err(self.fault("yaml_limit", "names an anchor within itself", &place));
                    };
                    self.weigh(weight, &place)?;
                    self.put(node, 0)?;
                }
                _ => {}
            }
        }
        let nothing = Place { file: Arc::clone(&self.file), line: 1, column: 1 };
        self.root.ok_or_else(|| Fault::new("", "yaml", "is empty").at(&nothing))
    }

    fn place(&self, marker: &Marker) -> Place {
        Place { file: Arc::clone(&self.file), line: short(marker.line()), column: short(marker.col() + 1) }
    }

    fn scalar(&self, text: &str, plain: bool, tag: Option<&Tag>, place: Place) -> Result<Node, Fault> {
        let (value, mark) = match tag {
            Some(tag) => {
                tag::scalar(tag, text, plain).ok_or_else(|| self.fault("yaml_tag", tag::RULE, &place))?
            }
            None if plain && scalar::endless(text) => {
                let message = "must be a number that has an end: quote it if it is text";
                return Err(self.fault("yaml_number", message, &place));
            }
            None if plain => (scalar::plain(text), Mark::Merge),
            None => (Value::Text(text.to_owned()), Mark::Merge),
        };
        Ok(Node { mark, ..Node::new(value, place) })
    }

    fn fault(&self, code: &str, message: &str, place: &Place) -> Fault {
        Fault::new(self.path(), code, message).at(place)
    }

    fn path(&self) -> String {
        let Some(frame) = self.frames.last() else { return String::new() };
        match (&frame.key, &frame.node) {
            (Some((key, _)), _) => join(&frame.path, key),
            (None, Value::List(list)) => format!("{}[{}]", frame.path, list.len()),
            _ => frame.path.clone(),
        }
    }

    fn weigh(&mut self, weight: usize, place: &Place) -> Result<(), Fault> {
        *self.left = self.left.checked_sub(weight).ok_or_else(|| {
            let message = "makes the whole too large, with all aliases written out";
            self.fault("yaml_limit", message, place)
        })?;
        Ok(())
    }

    fn open(&mut self, node: Value, anchor: usize, tag: Option<&Tag>, place: Place) -> Result<(), Fault> {
        let mark = tag::block(tag).ok_or_else(|| self.fault("yaml_tag", tag::RULE, &place))?;
        self.weigh(NODE_WEIGHT, &place)?;
        if self.frames.len() >= DEPTH_MAX {
            return Err(self.fault("yaml_limit", "is nested too deeply", &place));
        }
        if let Some(Frame { key: None, node: Value::Map(_), .. }) = self.frames.last() {
            return Err(self.fault("yaml_key", "keys must be text", &place));
        }
        let path = self.path();
        self.frames.push(Frame { path, place, anchor, mark, key: None, seen: BTreeSet::new(), node });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Fault> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        let value = match frame.node {
            Value::Map(entries) => Value::Map(merge(entries, &frame.path)?),
            other => other,
        };
        self.put(Node { mark: frame.mark, ..Node::new(value, frame.place) }, frame.anchor)
    }

    fn put(&mut self, node: Node, anchor: usize) -> Result<(), Fault> {
        if anchor != 0 {
            // It is held twice from here on.
            let weight = weight(&node);
            self.weigh(weight, &node.place)?;
            self.anchors.insert(anchor, (node.clone(), weight));
        }
        let path = self.path();
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match (&mut frame.node, frame.key.take()) {
            (Value::List(_), _) if node.mark != Mark::Merge => {
                let message = "must not have this tag: `!reset` and `!override` are for the values of keys";
                return Err(Fault::new(path, "yaml_tag", message).at(&node.place));
            }
            (Value::List(list), _) => list.push(node),
            (Value::Map(map), Some((key, place))) => {
                // A block begins at its key, not at what is in it.
                let scalar = !matches!(node.value, Value::Null | Value::List(_) | Value::Map(_));
                map.push((key, Node { place: if scalar { node.place } else { place }, ..node }));
            }
            (Value::Map(_), None) => {
                let Value::Text(key) = node.value else {
                    return Err(
                        Fault::new(path, "yaml_key", "keys must be text: quote this one").at(&node.place)
                    );
                };
                if key == "<<" && self.quoted {
                    let message = "is no key: without quotes it merges a map into this one";
                    return Err(Fault::new(join(&path, &key), "yaml_key", message).at(&node.place));
                }
                if !frame.seen.insert(key.clone()) && key != "<<" {
                    let message = "is there twice: remove one of them";
                    return Err(Fault::new(join(&path, &key), "yaml_duplicate_key", message).at(&node.place));
                }
                frame.key = Some((key, node.place));
            }
            _ => {}
        }
        Ok(())
    }
}

/// Resolves merge keys: what is written wins, then the first that is merged.
fn merge(entries: Vec<(String, Node)>, path: &str) -> Result<Vec<(String, Node)>, Fault> {
    if !entries.iter().any(|(key, _)| key == "<<") {
        return Ok(entries);
    }
    let (merged, mut all): (Vec<_>, Vec<_>) = entries.into_iter().partition(|(key, _)| key == "<<");
    let mut seen: BTreeSet<String> = all.iter().map(|(key, _)| key.clone()).collect();
    for (_, node) in merged {
        let wrong =
            || Fault::new(join(path, "<<"), "yaml_merge", "must be a map or a list of maps").at(&node.place);
        let maps = match &node.value {
            Value::Map(_) => vec![&node],
            Value::List(list) => list.iter().collect(),
            _ => return Err(wrong()),
        };
        for map in maps {
            let Value::Map(entries) = &map.value else { return Err(wrong()) };
            for (key, node) in entries {
                if seen.insert(key.clone()) {
                    all.push((key.clone(), node.clone()));
                }
            }
        }
    }
    Ok(all)
}

/// What a node and all below it weigh.
pub(super) fn weight(node: &Node) -> usize {
    NODE_WEIGHT
        + match &node.value {
            Value::Text(text) | Value::Float(text) => text.len(),
            Value::List(list) => list.iter().map(weight).sum(),
            Value::Map(map) => map.iter().map(|(key, node)| NODE_WEIGHT + key.len() + weight(node)).sum(),
            _ => 0,
        }
}

/// `services.web`
pub(super) fn join(path: &str, key: &str) -> String {
    let key: String = key.escape_debug().take(80).collect();
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

fn short(line: usize) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn load(text: &str) -> Result<Node, Fault> {
        read(text, &Arc::from(""), &mut WEIGHT_MAX.clone())
    }

    fn fault(text: &str) -> (String, String, Option<u32>) {
        let fault = load(text).expect_err(text);
        (fault.code, fault.path, fault.line)
    }

    fn code(text: &str) -> String {
        fault(text).0
    }

    #[test]
    fn case_072_bombs_are_cheap() {
        let start = Instant::now();
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for i in 1..30 {
            let row = vec![format!("*a{}", i - 1); 9].join(", ");
            bomb.push_str(&format!("a{i}: &a{i} [{row}]\n"));
        }
        assert_eq!(code(&bomb), "yaml_limit");
        let text = "x".repeat(500_000);
        assert_eq!(code(&format!("a: &a {text}\nb: [{}]", vec!["*a"; 1000].join(", "))), "yaml_limit");
        assert_eq!(code("a: &a [*a]"), "yaml_limit");
        let within: String = (0..60).map(|i| format!("{{a: &a{i} ")).collect();
        assert_eq!(
            code(&format!("{within}{text}{}", "}".repeat(60))),
            "yaml_limit",
            "what anchors hold is counted"
        );
        assert_eq!(code(&"[".repeat(10_000)), "yaml_limit");
        assert_eq!(code(&"- ".repeat(10_000)), "yaml_limit");
        let deep: String = (0..10_000).map(|i| format!("{}a:\n", " ".repeat(i % 500))).collect();
        assert!(load(&deep).is_err());
        assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    }

    #[test]
    fn case_073_duplicate_keys_with_key_and_line() {
        let found = fault("services:\n  web:\n    image: a\n    image: b\n");
        assert_eq!(found, ("yaml_duplicate_key".to_owned(), "services.web.image".to_owned(), Some(4)));
    }

    #[test]
    fn case_076_documents_and_tags() {
        assert_eq!(code("a: 1\n---\nb: 2\n"), "yaml_documents");
        assert_eq!(fault("a: 1\nb: !include x.yml\n"), ("yaml_tag".to_owned(), "b".to_owned(), Some(2)));
        assert_eq!(code("a: !!binary aGk="), "yaml_tag");
        assert_eq!(code("a: !!python/object:x {}"), "yaml_tag");
        assert_eq!(code("%TAG ! tag:example.com,2000:\n---\na: !reset x"), "yaml_tag");
        assert_eq!(code("a: [!reset x]"), "yaml_tag");
        for wrong in ["!!int x", "!!int 5.0", "!!bool yes", "!!null x", "!!set {a: }", "!!str [a]"] {
            assert_eq!(code(&format!("a: {wrong}")), "yaml_tag", "{wrong}");
        }
        for (text, value) in [
            ("!!str 5", Value::Text("5".to_owned())),
            ("! 5", Value::Text("5".to_owned())),
            ("!", Value::Null),
            ("!!int \"5\"", Value::Int(5)),
            ("!!float 5", Value::Float("5".to_owned())),
            ("!!bool \"true\"", Value::Bool(true)),
            ("!!null \"\"", Value::Null),
            ("!!seq [b]", Value::List(vec![Node::new(Value::Text("b".to_owned()), Place::default())])),
            ("!<tag:yaml.org,2002:str> 5", Value::Text("5".to_owned())),
            ("!reset", Value::Null),
        ] {
            assert_eq!(load(&format!("a: {text}")).unwrap().get("a").unwrap().value, value, "{text}");
        }
        let marked = load("a: !override {x: !reset null}").unwrap();
        let a = marked.get("a").unwrap();
        assert_eq!((a.mark, a.get("x").unwrap().mark), (Mark::Override, Mark::Reset));
    }

    #[test]
    fn case_077_size_and_bytes() {
        assert_eq!(code(&"a".repeat(SIZE_MAX + 1)), "too_large");
        assert_eq!(fault("a: 1\nb: \"x\0\"").2, Some(2));
        assert!(load("\u{feff}a: 1").is_ok());
        assert_eq!(code(""), "yaml");
        assert_eq!(code("a: [1"), "yaml");
        assert_eq!(code("1: a"), "yaml_key");
        assert_eq!(code("? [a]\n: b"), "yaml_key");
    }

    #[test]
    fn case_078_numbers_without_end() {
        assert_eq!(code("a: .inf"), "yaml_number");
        assert_eq!(load("a: '.inf'").unwrap().get("a").unwrap().value, Value::Text(".inf".to_owned()));
    }

    #[test]
    fn merge_keys() {
        let node = load("a: &a {x: 1, y: 2}\nb: &b {x: 3, z: 4}\nc:\n  <<: [*a, *b]\n  y: 9\n").unwrap();
        let Value::Map(top) = node.value else { panic!() };
        let Value::Map(c) = &top[2].1.value else { panic!() };
        let seen: Vec<_> = c.iter().map(|(key, node)| (key.as_str(), node.value.clone())).collect();
        assert_eq!(seen, [("y", Value::Int(9)), ("x", Value::Int(1)), ("z", Value::Int(4))]);
        assert_eq!(code("a: {<<: 1}"), "yaml_merge");
        assert_eq!(code("a: {'<<': {b: 1}}"), "yaml_key");
    }

    #[test]
    fn nodes_know_their_lines() {
        let node = load("a:\n  b:\n    - c\n    - d: e\n").unwrap();
        let Value::Map(top) = &node.value else { panic!() };
        let Value::Map(a) = &top[0].1.value else { panic!() };
        let Value::List(b) = &a[0].1.value else { panic!() };
        let at = |node: &Node| (node.place.line, node.place.column);
        assert_eq!((at(&b[0]), at(&b[1])), ((3, 7), (4, 7)));
        assert_eq!((at(&top[0].1), at(&a[0].1)), ((1, 1), (2, 3)));
        assert_eq!(at(b[1].get("d").unwrap()), (4, 10));
    }
}
