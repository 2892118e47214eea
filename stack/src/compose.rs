//! A Compose file to a stack, for one environment.
//!
//! Files become one tree whose nodes know where they are written ([`load`]: parsing, variables,
//! `extends`, `include`, merging). The tree becomes a plain stack (`convert`), which is what
//! `docker stack deploy` would send, to the letter ([`command`] prints it). Skep's own is put on top
//! (`place`), and the whole passes [`policy`] and [`validate`]. Unknown keys are refused with path
//! and line; what Swarm cannot do is refused or noted, never dropped in silence. One wrong service
//! refuses the whole file, and all faults are told at once.
//!
//! To support a key: its name in `keys`, its reading in the file of its kind; if it is Skep's own
//! idea, a part of `place`.
//!
#![doc = include_str!("compose/differences.md")]

pub mod command;
mod container;
mod content;
mod convert;
mod credential;
mod declared;
mod deploy;
mod environment;
mod files;
mod health;
mod hosts;
mod image;
mod interpolate;
mod keys;
pub mod load;
mod mounts;
mod networks;
mod order;
mod outline;
mod path;
mod place;
mod placement;
mod ports;
mod read;
mod recipe;
mod resources;
mod restart;
mod rollout;
mod scalar;
mod service;
mod unique;
mod wire;
mod words;
mod written;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};

use bollard_stubs::models::EndpointSpecModeEnum;

use self::yaml::{Node, Value};
pub use self::{
    convert::{Context, Plain, convert},
    outline::{Further, Kept, Outline, Recipe, in_order, outline, wanted},
    written::written,
};
use crate::{
    cluster::{self, Cluster},
    fault::{Fault, Faults},
    policy::{self, Grants},
    spec::StackSpec,
    validate,
    vip::Vip,
    writer::Words,
};

/// All that is known when a Compose file's stack is made.
#[derive(Debug, Clone)]
pub struct ComposeInput<'a> {
    /// The main files, in the order in which they are merged.
    pub sources: &'a [load::Source<'a>],
    /// The stack's name; services are `<stack>_<service>`.
    pub stack: &'a str,
    /// The app's id, for the labels.
    pub app: &'a str,
    /// The app's own name: a service is `<alias>-<service>` on the environment's network.
    pub alias: &'a str,
    /// The deployment's number, for the labels.
    pub deployment: i64,
    /// The app's variables: for `${…}` and for `environment` entries without a value. Never those
    /// of the server.
    pub vars: &'a BTreeMap<String, String>,
    /// Files that the file names, by their paths as [`outline()`] tells them: those of configs,
    /// secrets and `env_file`, and those that services bind.
    pub files: &'a BTreeMap<String, Vec<u8>>,
    /// Images by service, built or pinned; as written in the file where none is given.
    pub images: &'a BTreeMap<String, String>,
    /// The images' own health checks (`Config.Healthcheck.Test`), by service.
    pub image_health: &'a BTreeMap<String, Vec<String>>,
    /// What the images run, by service, as far as it is known.
    pub image_words: &'a BTreeMap<String, Words>,
    /// The environment's overlay network.
    pub network: &'a str,
    /// The edge's overlay network.
    pub edge: &'a str,
    /// Services that domains lead to.
    pub routed: &'a BTreeSet<String>,
    /// The node where the app's volumes are, if they exist.
    pub volume_node: Option<&'a str>,
    /// The static probe's bytes.
    pub probe: Option<&'a [u8]>,
    /// Which services may have addresses of their own.
    pub vip: Vip,
    /// How services are found now, by their names in the file: those that run.
    pub running: &'a BTreeMap<String, EndpointSpecModeEnum>,
    /// Services whose ports and address are published as the file says, whatever the cluster's
    /// habit: those that run so.
    pub published: &'a BTreeSet<String>,
    /// Where the volumes of a service are, by service: the node, or none where they are on several.
    /// It goes before [`Self::volume_node`].
    pub nodes: &'a BTreeMap<String, Option<String>>,
    /// Where volumes are, by their names: for services that did not run yet.
    pub homes: &'a BTreeMap<String, String>,
    /// Constraints that the cluster adds.
    pub constraints: &'a [String],
    /// What the app may ask of the host.
    pub grants: &'a Grants,
    /// What else there is in the swarm.
    pub cluster: &'a Cluster,
}

/// Makes the stack of a Compose file; beside it what is worth knowing (`needs_build`: the service's
/// image is to be built and given by [`ComposeInput::images`]; `ignored`: a key without effect).
///
/// # Errors
/// Every fault of the file, with paths below its top and lines. A fault of YAML ends the
/// reading at once, those of variables end it after all variables.
pub fn to_stack(input: &ComposeInput<'_>) -> Result<(StackSpec, Vec<Fault>), Vec<Fault>> {
    let load::Project { root, notes: mut all, .. } = parse(input.sources, input.vars, input.files)?;
    convert::few(&root, validate::SERVICES_MAX)?;
    let context = Context {
        stack: input.stack,
        vars: input.vars,
        files: &|path| input.files.get(path).cloned(),
        directory: None,
        home: None,
        inherited: &input.grants.inherited,
    };
    let plain = convert::tree(&root, context)?;
    let (spec, notes) = place::place(plain, &root, input)?;
    all.extend(notes);
    let mut faults = Faults::default();
    let late = validate::check(&spec).into_iter().chain(policy::check(&spec, input.grants));
    let late = late.chain(cluster::check(&spec, input.cluster));
    for fault in late.map(|fault| located(fault, &root)) {
        if !faults.0.contains(&fault) {
            faults.0.push(fault);
        }
    }
    faults.give((spec, all))
}

/// The tree of an app's main files.
fn parse(
    files: &[load::Source<'_>],
    vars: &BTreeMap<String, String>,
    more: &dyn load::Files,
) -> Result<load::Project, Vec<Fault>> {
    load::load(&load::LoadInput {
        files,
        vars,
        unset: load::Unset::Refuse,
        profiles: &[],
        more,
        dialect: load::Dialect::Compose,
    })
}

/// The fault with the line of the longest part of its path that is in the file.
fn located(fault: Fault, root: &Node) -> Fault {
    let (mut node, mut rest) = (root, fault.path.as_str());
    while let Value::Map(entries) = &node.value {
        let fits = |key: &str| {
            rest.strip_prefix(key).is_some_and(|tail| tail.is_empty() || tail.starts_with(['.', '[']))
        };
        let Some((key, next)) = entries.iter().filter(|(key, _)| fits(key)).max_by_key(|(key, _)| key.len())
        else {
            break;
        };
        rest = rest[key.len()..].trim_start_matches('.');
        node = next;
    }
    if std::ptr::eq(node, root) { fault } else { fault.at(&node.place) }
}

#[cfg(test)]
mod tests;
