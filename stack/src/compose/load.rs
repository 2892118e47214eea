//! From files to one tree: parsed, with variables put in, merged, and nothing left that names
//! another file or another service's text.
//!
//! No file is read here: [`Files`] brings them. To add a step: a file below `load/`, and its call
//! in [`load`].

mod dotenv;
mod environment;
mod extends;
pub mod files;
mod include;
mod loading;
mod merge;
mod name;
mod profiles;
mod rebase;
mod rules;
mod shape;
pub(super) mod tag;
mod unique;

use std::collections::{BTreeMap, BTreeSet};

pub use self::files::{Files, Missing};
use self::{
    loading::{Loading, Vars},
    merge::Merge,
};
pub use super::interpolate::Unset;
use super::{
    interpolate,
    yaml::{Node, Value},
};
use crate::fault::{Fault, Faults, Place};

/// A main file.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its path, for messages; empty if there is but one file, without a name. The project's folder
    /// is that of the first one.
    pub path: &'a str,
    /// What is in it.
    pub text: &'a str,
}

impl<'a> Source<'a> {
    /// The one file of a project, which needs no name.
    #[must_use]
    pub const fn only(text: &'a str) -> Self {
        Self { path: "", text }
    }
}

/// Whom to follow where `docker stack deploy` and `docker compose` read the same text differently:
/// how files are merged, and what an `env_file` is. See the table of differences.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Dialect {
    /// The Compose specification.
    #[default]
    Compose,
    /// `docker stack deploy`.
    Stack,
}

/// What a tree is made from.
#[derive(Clone, Copy)]
pub struct LoadInput<'a> {
    /// The main files, in the order in which they are merged.
    pub files: &'a [Source<'a>],
    /// Variables for `${…}` and for `env_file`. Never those of the server.
    pub vars: &'a BTreeMap<String, String>,
    /// What becomes of variables that are not set.
    pub unset: Unset,
    /// Active profiles; `*` stands for all. If there are none, those that the variable
    /// `COMPOSE_PROFILES` names.
    pub profiles: &'a [String],
    /// Files that the main ones name.
    pub more: &'a dyn Files,
    /// How to read what can be read in two ways.
    pub dialect: Dialect,
}

/// What a further file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// It has values for `environment` or `labels`, and changes nothing else.
    Values {
        /// Without it the project is at fault.
        required: bool,
    },
    /// It makes the tree, and may name more files.
    Tree {
        /// Without it the project is at fault.
        required: bool,
    },
}

/// One tree, whole.
#[derive(Debug)]
pub struct Project {
    /// `name:` of the last file that has one, else the variable `COMPOSE_PROJECT_NAME`.
    pub name: Option<String>,
    pub(super) root: Node,
    /// What is worth knowing and no fault.
    pub notes: Vec<Fault>,
    /// Files that [`Files`] gives [`Missing::Later`]. Unless it is empty, the tree is not yet whole.
    pub wanted: BTreeMap<String, Need>,
}

/// Loads a project.
///
/// # Errors
/// Every fault, with file, line and column. A fault of YAML ends the reading of its file.
pub fn load(input: &LoadInput<'_>) -> Result<Project, Vec<Fault>> {
    let mut loading = Loading::new(input);
    let Some(first) = input.files.first() else {
        return Err(vec![Fault::new("", "required", "name at least one file")]);
    };
    let mut roots: Vec<Node> =
        input.files.iter().filter_map(|file| loading.parse(file.text, file.path)).collect();
    let (name, vars) = name::find(&roots, &mut loading.scope(input.vars));
    roots.iter_mut().for_each(|root| loading.interpolate(root, &vars));
    let own = first.path.rsplit('/').next().unwrap_or_default().to_owned();
    let mut root = loading.model(roots, &vars, &[own]);
    profiles::apply(&mut root, &active(input), &mut loading.faults, &mut loading.notes);
    if input.dialect == Dialect::Compose {
        environment::apply(&mut loading, &mut root);
    }
    let Loading { faults, notes, wanted, .. } = loading;
    Faults(once(faults.0)).give(Project { name, root, notes: once(notes.0), wanted })
}

/// What is found wherever a file is included or a service extended is told once.
fn once(found: Vec<Fault>) -> Vec<Fault> {
    let mut told = BTreeSet::new();
    found.into_iter().filter(|fault| told.insert((fault.to_string(), fault.code.clone()))).collect()
}

impl Loading<'_> {
    /// One tree of these, which have their variables, and of what they extend and include.
    fn model(&mut self, roots: Vec<Node>, vars: &Vars, way: &[String]) -> Node {
        let mut merged: Option<Node> = None;
        for mut root in roots {
            extends::resolve(self, &mut root, merged.as_ref(), vars);
            if self.input.dialect == Dialect::Stack {
                // There, what a later file's `env_file` says wins over an earlier `environment`.
                environment::apply(self, &mut root);
            }
            merged = Some(match merged {
                None => root,
                Some(before) => {
                    let dialect = self.input.dialect;
                    let mut merge = Merge { dialect, faults: &mut self.faults, notes: &mut self.notes };
                    merge.put(before, root, &mut Vec::new())
                }
            });
        }
        let mut root = merged.unwrap_or_else(|| Node::new(Value::Map(Vec::new()), Place::default()));
        include::apply(self, &mut root, vars, way);
        merge::settle(&mut root);
        root
    }
}

/// The active profiles: those that are given, else those of the variable.
fn active(input: &LoadInput<'_>) -> Vec<String> {
    if !input.profiles.is_empty() {
        return input.profiles.to_vec();
    }
    let named = input.vars.get("COMPOSE_PROFILES").map_or("", String::as_str);
    named.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

/// Reads a file of variables as Compose reads `.env` and `--env-file`: quotes, `export`, comments,
/// values of several lines. `vars` are known for `${…}` in values, and for names without a value.
///
/// # Errors
/// The first line that is none, which no value is named of.
pub fn dotenv(
    text: &str,
    vars: &BTreeMap<String, String>,
    unset: Unset,
) -> Result<BTreeMap<String, String>, Fault> {
    let known = dotenv::Known { vars, below: Vars::new(), unset, left: &mut interpolate::SIZE_MAX.clone() };
    let entries = dotenv::parse(text, known).map_err(|(line, message)| {
        Fault::new("", "invalid_env_file", message).on(u32::try_from(line).unwrap_or(u32::MAX))
    })?;
    let value = |(name, value): (String, Option<String>)| {
        let value = value.or_else(|| vars.get(&name).cloned())?;
        Some((name, value))
    };
    Ok(entries.into_iter().filter_map(value).collect())
}

#[cfg(test)]
mod tests;
