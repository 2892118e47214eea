//! Text to a tree of nodes that know their lines.
//!
//! Everything is bounded before it is built: size, depth, and what aliases multiply to. Duplicate
//! keys, tags and further documents are refused; merge keys (`<<`) are resolved here, so all
//! checks see what they add. To change a bound: a constant here, and its test below.

use std::collections::{BTreeMap, BTreeSet};

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::scalar;
use crate::fault::Fault;

/// Bytes of a file.
const SIZE_MAX: usize = 1024 * 1024;
/// Maps and lists within each other.
const DEPTH_MAX: usize = 64;
/// What all nodes together may weigh, aliases counted each time.
const WEIGHT_MAX: usize = 8 * 1024 * 1024;
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
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) value: Value,
    /// 1-based.
    pub(super) line: u32,
    /// A variable was put in: text may stand where a number or truth value belongs.
    pub(super) substituted: bool,
}

struct Frame {
    path: String,
    line: u32,
    anchor: usize,
    /// The key that waits for its value, in a map.
    key: Option<(String, u32)>,
    /// The keys so far, in a map.
    seen: BTreeSet<String>,
    node: Value,
}

/// Reads the one document of a file.
pub(super) fn load(text: &str) -> Result<Node, Fault> {
    if text.len() > SIZE_MAX {
        return Err(Fault::new("", "too_large", "must be at most 1 MiB"));
    }
    if let Some(at) = text.find('\0') {
        let line = text[..at].matches('\n').count() + 1;
        return Err(
            Fault::new("", "yaml", "must not hold a NUL character: save the file as UTF-8").on(short(line))
        );
    }
    Loader::default().run(text.strip_prefix('\u{feff}').unwrap_or(text))
}

#[derive(Default)]
struct Loader {
    frames: Vec<Frame>,
    anchors: BTreeMap<usize, (Node, usize)>,
    weight: usize,
    root: Option<Node>,
}

impl Loader {
    fn run(mut self, text: &str) -> Result<Node, Fault> {
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| {
                // The parser has a bound of its own for what it must look ahead over.
                let code = if error.info().contains("limit") { "yaml_limit" } else { "yaml" };
                Fault::new("", code, format!("is no YAML: {}", error.info())).on(short(error.marker().line()))
            })?;
            let line = short(span.start.line());
            match event {
                Event::DocumentStart(_) if self.root.is_some() => {
                    return Err(Fault::new(
                        "",
                        "yaml_documents",
                        "must be one document: remove what follows `---`",
                    )
                    .on(line));
                }
                Event::Scalar(text, style, anchor, tag) => {
                    self.tag(tag.is_some(), line)?;
                    self.weigh(NODE_WEIGHT + text.len(), line)?;
                    let value = if style == ScalarStyle::Plain {
                        scalar::plain(&text)
                    } else {
                        Value::Text(text.into_owned())
                    };
                    self.put(Node { value, line, substituted: false }, anchor)?;
                }
                Event::SequenceStart(anchor, tag) => {
                    self.open(Value::List(Vec::new()), anchor, tag.is_some(), line)?
                }
                Event::MappingStart(anchor, tag) => {
                    self.open(Value::Map(Vec::new()), anchor, tag.is_some(), line)?
                }
                Event::SequenceEnd | Event::MappingEnd => self.close()?,
                Event::Alias(anchor) => {
                    let Some((node, weight)) = self.anchors.get(&anchor).cloned() else {
                        return Err(self.fault("yaml_limit", "names an anchor within itself", line));
                    };
                    self.weigh(weight, line)?;
                    self.put(node, 0)?;
                }
                _ => {}
            }
        }
        self.root.ok_or_else(|| Fault::new("", "yaml", "is empty"))
    }

    fn fault(&self, code: &str, message: &str, line: u32) -> Fault {
        Fault::new(self.path(), code, message).on(line)
    }

    fn path(&self) -> String {
        let Some(frame) = self.frames.last() else { return String::new() };
        match (&frame.key, &frame.node) {
            (Some((key, _)), _) => join(&frame.path, key),
            (None, Value::List(list)) => format!("{}[{}]", frame.path, list.len()),
            _ => frame.path.clone(),
        }
    }

    fn tag(&self, tagged: bool, line: u32) -> Result<(), Fault> {
        if tagged { Err(self.fault("yaml_tag", "must not have a tag (`!…`)", line)) } else { Ok(()) }
    }

    fn weigh(&mut self, weight: usize, line: u32) -> Result<(), Fault> {
        self.weight += weight;
        if self.weight > WEIGHT_MAX {
            return Err(self.fault(
                "yaml_limit",
                "the file, with all its aliases written out, is too large",
                line,
            ));
        }
        Ok(())
    }

    fn open(&mut self, node: Value, anchor: usize, tagged: bool, line: u32) -> Result<(), Fault> {
        self.tag(tagged, line)?;
        self.weigh(NODE_WEIGHT, line)?;
        if self.frames.len() >= DEPTH_MAX {
            return Err(self.fault("yaml_limit", "is nested too deeply", line));
        }
        if let Some(Frame { key: None, node: Value::Map(_), .. }) = self.frames.last() {
            return Err(self.fault("yaml_key", "keys must be text", line));
        }
        self.frames.push(Frame { path: self.path(), line, anchor, key: None, seen: BTreeSet::new(), node });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Fault> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        let value = match frame.node {
            Value::Map(entries) => Value::Map(merge(entries, &frame.path)?),
            other => other,
        };
        self.put(Node { value, line: frame.line, substituted: false }, frame.anchor)
    }

    fn put(&mut self, node: Node, anchor: usize) -> Result<(), Fault> {
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), weight(&node)));
        }
        let path = self.path();
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match (&mut frame.node, frame.key.take()) {
            (Value::List(list), _) => list.push(node),
            (Value::Map(map), Some((key, line))) => {
                // A block begins at its key, not at what is in it.
                let scalar = !matches!(node.value, Value::Null | Value::List(_) | Value::Map(_));
                map.push((key, Node { line: if scalar { node.line } else { line }, ..node }));
            }
            (Value::Map(_), None) => {
                let Value::Text(key) = node.value else {
                    return Err(
                        Fault::new(path, "yaml_key", "keys must be text: quote this one").on(node.line)
                    );
                };
                if !frame.seen.insert(key.clone()) && key != "<<" {
                    let message = "is there twice: remove one of them";
                    return Err(Fault::new(join(&path, &key), "yaml_duplicate_key", message).on(node.line));
                }
                frame.key = Some((key, node.line));
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
            || Fault::new(join(path, "<<"), "yaml_merge", "must be a map or a list of maps").on(node.line);
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

fn weight(node: &Node) -> usize {
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
    fn merge_keys() {
        let node = load("a: &a {x: 1, y: 2}\nb: &b {x: 3, z: 4}\nc:\n  <<: [*a, *b]\n  y: 9\n").unwrap();
        let Value::Map(top) = node.value else { panic!() };
        let Value::Map(c) = &top[2].1.value else { panic!() };
        let seen: Vec<_> = c.iter().map(|(key, node)| (key.as_str(), node.value.clone())).collect();
        assert_eq!(seen, [("y", Value::Int(9)), ("x", Value::Int(1)), ("z", Value::Int(4))]);
        assert_eq!(code("a: {<<: 1}"), "yaml_merge");
    }

    #[test]
    fn nodes_know_their_lines() {
        let node = load("a:\n  b:\n    - c\n    - d: e\n").unwrap();
        let Value::Map(top) = &node.value else { panic!() };
        let Value::Map(a) = &top[0].1.value else { panic!() };
        let Value::List(b) = &a[0].1.value else { panic!() };
        assert_eq!((b[0].line, b[1].line), (3, 4));
    }
}
