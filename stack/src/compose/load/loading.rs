//! What is known while a project is loaded: what is asked for, what has been found, and how much
//! may still be read. Bounds are over all files together.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    super::{
        interpolate::{self, Scope},
        yaml::{self, Node, Value},
    },
    LoadInput, Missing, Need, files, rebase,
};
use crate::fault::{Fault, Faults, Place};

/// Different files beside the main ones.
const FILES_MAX: usize = 256;
/// What a file weighs each time that it is made a tree, beside its nodes.
const DOCUMENT_WEIGHT: usize = 4096;

pub(super) type Vars = BTreeMap<String, String>;

pub(super) struct Loading<'l> {
    pub(super) input: &'l LoadInput<'l>,
    /// What nodes may still weigh; none once it is told that it is too much.
    weight: Option<usize>,
    /// Bytes of variables that may still be put in.
    pub(super) text: usize,
    /// Texts that have been asked for.
    read: BTreeMap<String, Option<Arc<str>>>,
    pub(super) faults: Faults,
    pub(super) notes: Faults,
    pub(super) wanted: BTreeMap<String, Need>,
}

/// Where a file is named: the path in the document, and the node.
#[derive(Clone, Copy)]
pub(super) struct Named<'n> {
    pub(super) path: &'n str,
    pub(super) node: &'n Node,
}

impl<'l> Loading<'l> {
    pub(super) fn new(input: &'l LoadInput<'l>) -> Self {
        Self {
            input,
            weight: Some(yaml::WEIGHT_MAX),
            text: interpolate::SIZE_MAX,
            read: BTreeMap::new(),
            faults: Faults::default(),
            notes: Faults::default(),
            wanted: BTreeMap::new(),
        }
    }

    /// Notes a fault at a node.
    pub(super) fn fault(&mut self, at: Named<'_>, code: &str, message: impl Into<String>) {
        self.faults.0.push(Fault::new(at.path, code, message).at(&at.node.place));
    }

    /// Counts what is added to the tree; false if it is too much, which is told once.
    pub(super) fn weigh(&mut self, weight: usize, path: &str, place: &Place) -> bool {
        let Some(left) = self.weight else { return false };
        self.weight = left.checked_sub(weight);
        if self.weight.is_none() {
            let message = "makes the whole too large, with all that it takes from elsewhere";
            self.faults.0.push(Fault::new(path, "too_large", message).at(place));
        }
        self.weight.is_some()
    }

    /// Whether it has been too much.
    pub(super) fn full(&self) -> bool {
        self.weight.is_none()
    }

    /// The tree of a text, which must be a map; none if there is a fault, which is told.
    pub(super) fn parse(&mut self, text: &str, file: &str) -> Option<Node> {
        let left = self.weight.as_mut()?;
        let root =
            yaml::read(text, &Arc::from(file), left).map_err(|fault| self.faults.0.push(fault)).ok()?;
        if matches!(root.value, Value::Map(_)) {
            return Some(root);
        }
        let message = "must be a map of keys, with `services`";
        self.faults.0.push(Fault::new("", "yaml", message).at(&root.place));
        None
    }

    /// Puts variables into a tree.
    pub(super) fn interpolate(&mut self, root: &mut Node, vars: &Vars) {
        interpolate::interpolate(root, "", &mut self.scope(vars));
    }

    pub(super) fn scope<'s>(&'s mut self, vars: &'s Vars) -> Scope<'s> {
        Scope {
            vars,
            unset: self.input.unset,
            left: &mut self.text,
            faults: &mut self.faults,
            notes: &mut self.notes,
        }
    }

    /// The text of a further file; none if there is none, which is told unless it may be missing.
    pub(super) fn text(&mut self, file: &str, need: Need, at: Named<'_>) -> Option<Arc<str>> {
        if file.is_empty() || file.chars().any(char::is_control) {
            self.fault(at, "invalid_path", "must be the path of a file");
            return None;
        }
        if files::remote(file) {
            self.fault(at, "remote_file", "must be a file: what is on the network is not read");
            return None;
        }
        let file = files::join("", file);
        if let Some(found) = self.read.get(&file).filter(|found| found.is_some()) {
            return found.clone();
        }
        if self.read.len() >= FILES_MAX && !self.read.contains_key(&file) {
            self.fault(at, "too_many", format!("is one file too many: at most {FILES_MAX} may be named"));
            return None;
        }
        let found = self.fetch(&file, need, at);
        self.read.insert(file, found.clone());
        found
    }

    fn fetch(&mut self, file: &str, need: Need, at: Named<'_>) -> Option<Arc<str>> {
        let shown = file.escape_debug();
        let (code, message) = match self.input.more.read(file) {
            Ok(bytes) if bytes.len() > yaml::SIZE_MAX => {
                ("too_large", format!("names `{shown}`, which must be at most 1 MiB"))
            }
            Ok(bytes) => match std::str::from_utf8(&bytes) {
                Ok(text) => return Some(Arc::from(text)),
                Err(_) => ("file_unreadable", format!("names `{shown}`, which must be UTF-8 text")),
            },
            Err(Missing::Absent)
                if matches!(need, Need::Tree { required: false } | Need::Values { required: false }) =>
            {
                return None;
            }
            Err(Missing::Absent) => ("file_missing", format!("names `{shown}`, which is not there")),
            Err(Missing::Refused(why)) => ("file_refused", format!("names `{shown}`, which {why}")),
            Err(Missing::Later) => {
                let known = self.wanted.entry(file.to_owned()).or_insert(need);
                *known = need.max(*known);
                return None;
            }
        };
        self.fault(at, code, message);
        None
    }

    /// The tree of a further file, with variables put in and its paths written from the project's
    /// folder, which it sees as `folder`.
    pub(super) fn document(&mut self, file: &str, folder: &str, vars: &Vars, at: Named<'_>) -> Option<Node> {
        let text = self.text(file, Need::Tree { required: true }, at)?;
        if !self.weigh(DOCUMENT_WEIGHT, at.path, &at.node.place) {
            return None;
        }
        let mut root = self.parse(&text, &files::join("", file))?;
        self.interpolate(&mut root, vars);
        rebase::rebase(&mut root, folder);
        Some(root)
    }
}
