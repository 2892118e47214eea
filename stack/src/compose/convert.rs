//! The plain conversion: a file's tree to what `docker stack deploy` would send to the engine.
//!
//! Names, labels, defaults and order are the docker CLI's; nothing of Skep's own is added and no
//! policy is applied (that is `place`). What Swarm cannot do is left out with a note, as the CLI
//! leaves it out with a warning.
//!
//! To carry a key: its name in `keys`, its reading in the file of its kind, called from `service`
//! or `declared`, and a line in the golden files of `stack/tests/convert`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::{
    declared::{self, Declared},
    keys,
    load::Project,
    order, ports,
    read::At,
    service, wire,
    yaml::{Node, Value},
};
use crate::{
    fault::{Fault, Faults},
    policy::Inherited,
    spec::StackSpec,
    validate,
};

/// What the conversion knows beside the project.
#[derive(Clone, Copy)]
pub struct Context<'c> {
    /// The stack's name; services are `<stack>_<service>`.
    pub stack: &'c str,
    /// Values for what the file names without one. Never those of the server's process.
    pub vars: &'c BTreeMap<String, String>,
    /// The bytes of a file that configs and secrets name, by the path as written.
    pub files: &'c dyn Fn(&str) -> Option<Vec<u8>>,
    /// The absolute project directory, which relative binds begin at; where there is none they
    /// stay as written.
    pub directory: Option<&'c str>,
    /// The home directory, which `~` in binds stands for; where there is none it stays.
    pub home: Option<&'c str>,
    /// What runs of the stack already: a config or secret of which the file is not there stays as it
    /// is, as the docker CLI cannot change what it holds either.
    pub inherited: &'c Inherited,
}

/// A value that the CLI sends and that the engine's types do not know.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Raw {
    /// The service's final name.
    pub(super) service: String,
    /// A JSON pointer into its body.
    pub(super) pointer: String,
    pub(super) value: Json,
    /// What the engine says to it.
    pub(super) fault: Option<Fault>,
}

/// The plain stack, and what was found on the way.
pub struct Plain {
    /// The bodies as the docker CLI sends them.
    pub spec: StackSpec,
    /// What is worth knowing: above all, what is left out.
    pub notes: Vec<Fault>,
    pub(super) raw: Vec<Raw>,
    pub(super) declared: Declared,
}

impl Plain {
    /// The bodies as JSON: `services`, `configs` and `secrets` as lists, `networks` by final name.
    ///
    /// # Errors
    /// None that are known: bodies are made of text and numbers.
    pub fn json(&self) -> serde_json::Result<Json> {
        wire::json(self)
    }

    /// Values that the docker CLI sends and every engine refuses. The types of [`Self::spec`] do
    /// not know them; [`Self::json`] has them.
    pub fn refused(&self) -> impl Iterator<Item = &Fault> {
        self.raw.iter().filter_map(|raw| raw.fault.as_ref())
    }
}

/// Names only: bodies hold variables and the data of secrets.
impl std::fmt::Debug for Plain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plain").field("spec", &self.spec).field("notes", &self.notes).finish_non_exhaustive()
    }
}

/// Converts a project to what `docker stack deploy` would send for it.
///
/// # Errors
/// Every fault, with path and line.
pub fn convert(project: &Project, context: Context<'_>) -> Result<Plain, Vec<Fault>> {
    tree(&project.root, context)
}

/// Converts the whole tree.
pub(super) fn tree(root: &Node, context: Context<'_>) -> Result<Plain, Vec<Fault>> {
    few(root, validate::PLAIN_SERVICES_MAX)?;
    let mut build = Build {
        context,
        faults: Faults::default(),
        notes: Faults::default(),
        raw: Vec::new(),
        volumes: BTreeSet::new(),
        ports_left: ports::MOST,
        spec: StackSpec { name: context.stack.to_owned(), ..StackSpec::default() },
    };
    let top = At::new(root, "").fields(&keys::TOP, &mut build.faults);
    keys::check_top(&top, &mut build);
    let declared = declared::read(&top, &mut build);
    let services = top.get("services").and_then(|at| at.map(&mut build.faults)).unwrap_or_default();
    let names: BTreeSet<&str> = services.iter().map(|(name, _)| *name).collect();
    for (name, at) in &services {
        service::convert(name, at, &declared, &mut build);
        order::after(name, at, &names, &mut build);
    }
    let Build { faults, notes, raw, volumes, mut spec, .. } = build;
    spec.volumes = volumes.into_iter().collect();
    faults.give(Plain { spec, raw, declared, notes: notes.0 })
}

/// Refuses a file of too many services before anything is made of them.
///
/// # Errors
/// The one fault, at the section.
pub(super) fn few(root: &Node, most: usize) -> Result<(), Vec<Fault>> {
    let services = At::new(root, "").entry("services");
    match services.as_ref().map(|at| (at, &at.node.value)) {
        Some((at, Value::Map(entries))) if entries.len() > most => {
            let mut faults = Faults::default();
            let message =
                format!("has {}, and must have at most {most}: make it several stacks", entries.len());
            at.fault("too_many", message, &mut faults);
            Err(faults.0)
        }
        _ => Ok(()),
    }
}

/// What is gathered on the way through the file.
pub(super) struct Build<'b> {
    pub(super) context: Context<'b>,
    pub(super) faults: Faults,
    pub(super) notes: Faults,
    pub(super) raw: Vec<Raw>,
    /// Final names of the volumes that services mount and that are the stack's own.
    pub(super) volumes: BTreeSet<String>,
    /// How many ports there may be yet.
    pub(super) ports_left: usize,
    pub(super) spec: StackSpec,
}

impl Build<'_> {
    /// Notes something that is worth knowing and no fault.
    pub(super) fn note(&mut self, at: &At<'_>, code: &str, message: impl Into<String>) {
        at.fault(code, message, &mut self.notes);
    }

    /// The name of an object of this stack.
    pub(super) fn scoped(&self, name: &str) -> String {
        format!("{}_{name}", self.context.stack)
    }

    /// Keeps a value that the engine's types do not know; `message` is what the engine says to it.
    pub(super) fn raw(&mut self, service: &str, pointer: &str, value: Json, at: &At<'_>, message: &str) {
        let mut fault = Faults::default();
        at.fault("invalid_choice", message, &mut fault);
        self.sent(service, pointer, value);
        if let Some(raw) = self.raw.last_mut() {
            raw.fault = fault.0.pop();
        }
    }

    /// Keeps a value that the engine's types do not know, and that `place` has another word for.
    pub(super) fn sent(&mut self, service: &str, pointer: &str, value: Json) {
        let (service, pointer) = (self.scoped(service), pointer.to_owned());
        self.raw.push(Raw { service, pointer, value, fault: None });
    }
}
