//! From files to one tree: parsed, with variables put in, merged, and nothing left that names
//! another file or another service's text.
//!
//! No file is read here: [`Files`] brings them. To add a step: a file below `load/`, and its call
//! in [`load`].

pub mod files;
mod name;
pub(super) mod tag;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

pub use self::files::{Files, Missing};
pub use super::interpolate::Unset;
use super::{
    interpolate::{self, Scope},
    yaml::{self, Node, Value},
};
use crate::fault::{Fault, Faults};

/// A main file.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its path, for messages; empty if there is but one file, without a name. The project's folder
    /// is that of the first one.
    pub path: &'a str,
    /// What is in it.
    pub text: &'a str,
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

/// One tree, whole.
#[derive(Debug)]
pub struct Project {
    /// `name:` of the last file that has one, else the variable `COMPOSE_PROJECT_NAME`.
    pub name: Option<String>,
    pub(super) root: Node,
    /// What is worth knowing and no fault.
    pub notes: Vec<Fault>,
    /// Files that [`Files`] gives [`Missing::Later`]. Unless it is empty, the tree is not yet whole.
    pub wanted: BTreeSet<String>,
}

/// Loads a project.
///
/// # Errors
/// Every fault, with file, line and column. A fault of YAML ends the reading of its file.
pub fn load(input: &LoadInput<'_>) -> Result<Project, Vec<Fault>> {
    let (mut faults, mut notes) = (Faults::default(), Faults::default());
    let (mut weight, mut text) = (yaml::WEIGHT_MAX, interpolate::SIZE_MAX);
    let Some(source) = input.files.first() else {
        return Err(vec![Fault::new("", "required", "name at least one file")]);
    };
    let mut root =
        yaml::read(source.text, &Arc::from(source.path), &mut weight).map_err(|fault| vec![fault])?;
    if !matches!(root.value, Value::Map(_)) {
        let message = "must be a map of keys, with `services`";
        return Err(vec![Fault::new("", "yaml", message).at(&root.place)]);
    }
    let mut scope = Scope {
        vars: input.vars,
        unset: input.unset,
        left: &mut text,
        faults: &mut faults,
        notes: &mut notes,
    };
    let (name, vars) = name::find(std::slice::from_ref(&root), &mut scope);
    scope.vars = &vars;
    interpolate::interpolate(&mut root, "", &mut scope);
    faults.give(Project { name, root, notes: notes.0, wanted: BTreeSet::new() })
}
