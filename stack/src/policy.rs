//! What a team may ask of the host: one choke point over the final spec, whatever it was made
//! from (settings, Compose, a template) and whatever it is for (create, update, rollback,
//! restore).
//!
//! Everything is refused that is not known to be harmless, unless [`Grants`] names it. To add a
//! rule: a file below `policy/` (or a function in the one of its kind), called from [`check`], with
//! its case of the catalogue as a test in `tests.rs`.

mod container;
mod inherited;
mod labelled;
mod mounts;
mod networks;
mod objects;
mod placement;
mod ports;

use std::collections::BTreeSet;

use bollard_stubs::models::{ServiceSpec, TaskSpec, TaskSpecContainerSpec};
pub use inherited::Inherited;
use serde::{Deserialize, Serialize};

use crate::{
    fault::{Fault, Faults},
    spec::StackSpec,
};

/// What is allowed beyond the harmless. The first four are the app's by right and filled in by the
/// server; all others are named one by one by the instance's owner, for one app, and are shown and
/// audited.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Grants {
    /// Networks that the stack does not make itself but may join: its environment's and the
    /// edge's. A name covers the further networks of the environment, `<name>-…`, too.
    pub networks: BTreeSet<String>,
    /// Ids of nodes that it may be pinned to: where its volumes are.
    pub nodes: BTreeSet<String>,
    /// Constraints about nodes of environments: those that the server wrote itself.
    pub placement: BTreeSet<String>,
    /// What others made and the app's services run with already.
    pub inherited: Inherited,
    /// Paths of the host that it may bind: these and what is below them. The engine's socket must
    /// be named itself.
    pub host_paths: BTreeSet<String>,
    /// It may join the host's own network.
    pub host_network: bool,
    /// It may be placed on managers.
    pub managers: bool,
    /// Capabilities that it may add: `CAP_NET_ADMIN`.
    pub capabilities: BTreeSet<String>,
    /// Kernel parameters that it may set: `net.core.somaxconn`.
    pub sysctls: BTreeSet<String>,
    /// Generic resources (devices) that it may reserve: `gpu`.
    pub devices: BTreeSet<String>,
    /// Reserved ports that it may publish.
    pub ports: BTreeSet<u16>,
    /// Volume drivers, with their options, that it may use; `local` means options of the local one.
    pub volume_drivers: BTreeSet<String>,
    /// Log drivers beside `json-file`, `local`, `journald` and `none`.
    pub log_drivers: BTreeSet<String>,
    /// It may loosen seccomp, AppArmor or SELinux.
    pub security_options: bool,
}

/// Everything in the spec that needs a grant that is not there. Paths are those of a Compose file,
/// or of the settings for the one service of an app; a message never tells whose a foreign thing is.
#[must_use]
pub fn check(spec: &StackSpec, grants: &Grants) -> Vec<Fault> {
    let mut faults = Faults::default();
    objects::check(spec, grants, &mut faults);
    networks::check(spec, grants, &mut faults);
    labelled::check(spec, &mut faults);
    for (name, service) in &spec.services {
        let view = View::new(spec, name, service);
        placement::check(&view, grants, &mut faults);
        ports::check(&view, grants, &mut faults);
        mounts::check(&view, grants, &mut faults);
        container::check(&view, grants, &mut faults);
    }
    faults.0
}

/// A service with the words of the document that it came from.
struct View<'s> {
    stack: &'s StackSpec,
    service: &'s ServiceSpec,
    prefix: String,
    settings: bool,
}

impl<'s> View<'s> {
    fn new(stack: &'s StackSpec, name: &str, service: &'s ServiceSpec) -> Self {
        let settings = name == stack.name;
        let short = name.strip_prefix(&format!("{}_", stack.name)).unwrap_or(name);
        let prefix = if settings { "settings".to_owned() } else { format!("services.{short}") };
        Self { stack, service, prefix, settings }
    }

    /// The path of a part: its name in a Compose file, and in the settings of an app.
    fn path(&self, compose: &str, settings: &str) -> String {
        format!("{}.{}", self.prefix, if self.settings { settings } else { compose })
    }

    fn task(&self) -> Option<&'s TaskSpec> {
        self.service.task_template.as_ref()
    }

    fn container(&self) -> Option<&'s TaskSpecContainerSpec> {
        self.task()?.container_spec.as_ref()
    }
}

#[cfg(test)]
mod tests;
