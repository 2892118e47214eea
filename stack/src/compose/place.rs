//! Skep's own on top of the plain stack: whose it is, where it may run, and what it does where the
//! file says nothing.
//!
//! What the plain conversion can only note because Swarm, or the docker CLI, leaves it out is
//! carried here, or refused: an app is never started as something else than its file says. To add
//! a part: a file below `place/` with one function that changes one service (or all objects of a
//! kind), called from [`place`]. Whether the result is allowed is for `policy` to say.

mod absent;
mod bounds;
mod container;
mod folder;
mod health;
mod job;
mod labelled;
mod mounts;
mod namespaces;
mod networks;
mod objects;
mod placed;
mod ports;
mod rollout;
mod writer;

use std::collections::{BTreeMap, BTreeSet};

use bollard_stubs::models::{ServiceSpec, TaskSpec, TaskSpecContainerSpec};

use super::{
    ComposeInput,
    convert::Plain,
    declared::Declared,
    keys::{self, fate},
    order,
    read::{At, Fields},
    yaml::Node,
};
use crate::{
    drain,
    fault::{Fault, Faults},
    spec::{Condition, StackSpec},
};

/// Codes of notes of the plain conversion that are faults here.
const FAULTS: [&str; 3] = [fate::REFUSED, "port_address", order::UNKNOWN];
/// Codes of notes of the plain conversion that do not hold here.
const CARRIED: [&str; 2] = [fate::CARRIED, "needs_build"];

/// Makes the stack of an app from the plain one; beside it what is worth knowing.
///
/// # Errors
/// Every fault, with path and line.
pub(super) fn place(
    plain: Plain,
    root: &Node,
    input: &ComposeInput<'_>,
) -> Result<(StackSpec, Vec<Fault>), Vec<Fault>> {
    let Plain { mut spec, raw, declared, notes } = plain;
    let (wrong, notes): (Vec<_>, Vec<_>) =
        notes.into_iter().partition(|note| FAULTS.contains(&note.code.as_str()));
    let notes = notes.into_iter().filter(|note| !CARRIED.contains(&note.code.as_str())).collect();
    let mut faults = Faults(raw.into_iter().filter_map(|raw| raw.fault).chain(wrong).collect());

    let top = At::new(root, "").fields(&keys::TOP, &mut Faults::default());
    let services: Vec<Service<'_>> = services(&top);
    let asked = Asked::read(&services);
    for name in input.routed.iter().filter(|name| !asked.names.contains(name.as_str())) {
        let rule = format!("has no `{}`, which a domain leads to", name.escape_debug());
        faults.add("services", "unknown_service", rule);
    }
    let mut place = Place {
        input,
        declared,
        renamed: BTreeMap::new(),
        absent: BTreeSet::new(),
        faults,
        notes: Faults(notes),
        spec: StackSpec::default(),
    };
    let mut bodies = std::mem::take(&mut spec.services);
    place.spec = spec;
    objects::place(&top, &mut place);
    for service in &services {
        let full = format!("{}_{}", input.stack, service.name);
        let Some(mut body) = bodies.remove(&full) else { continue };
        one(service, &mut body, &asked, &mut place);
        place.spec.services.insert(full, body);
    }
    asked.order(&mut place);
    if input.probe.is_some() {
        for (name, words) in input.image_words {
            let name = format!("{}_{name}", input.stack);
            if place.spec.services.contains_key(&name) {
                place.spec.starts.insert(name, words.clone());
            }
        }
        crate::writer::lease(&mut place.spec);
        drain::apply(&mut place.spec);
    }
    let Place { faults, notes, spec, .. } = place;
    faults.give((spec, notes.0))
}

/// What is gathered on the way.
struct Place<'p> {
    input: &'p ComposeInput<'p>,
    declared: Declared,
    /// Names of objects in the plain stack, and those that they have here.
    renamed: BTreeMap<(objects::Kind, String), String>,
    /// Folders beside the file that are not there, and that became volumes.
    absent: BTreeSet<String>,
    faults: Faults,
    notes: Faults,
    spec: StackSpec,
}

/// A service of the file.
struct Service<'n> {
    name: &'n str,
    at: At<'n>,
    fields: Fields<'n>,
}

impl<'n> Service<'n> {
    /// The node at a path of keys below the service: where a fault of that part belongs.
    fn find(&self, path: &[&str]) -> Option<At<'n>> {
        path.iter().try_fold(self.at.clone(), |at, key| at.entry(key)).filter(|at| !at.is_null())
    }

    /// Notes a fault at a part, or at the service where the part is not written.
    fn fault(&self, path: &[&str], code: &str, message: impl Into<String>, faults: &mut Faults) {
        self.find(path).unwrap_or_else(|| self.at.clone()).fault(code, message, faults);
    }
}

fn services<'n>(top: &Fields<'n>) -> Vec<Service<'n>> {
    let mut seen = Faults::default();
    let entries = top.get("services").and_then(|at| at.map(&mut seen)).unwrap_or_default();
    let service = |(name, at): (&'n str, At<'n>)| {
        let fields = at.fields(&keys::SERVICE, &mut Faults::default());
        Service { name, at, fields }
    };
    entries.into_iter().map(service).collect()
}

/// What services ask of each other.
#[derive(Default)]
struct Asked<'n> {
    names: BTreeSet<&'n str>,
    /// Services that others wait for to end.
    jobs: BTreeSet<&'n str>,
    /// Names by which others know a service, beside its own, and who they are.
    links: BTreeMap<&'n str, Vec<(&'n str, String)>>,
}

impl<'n> Asked<'n> {
    fn read(services: &[Service<'n>]) -> Self {
        let mut all =
            Self { names: services.iter().map(|service| service.name).collect(), ..Self::default() };
        for service in services {
            let needs = order::needs(&service.at, &mut Faults::default());
            let jobs = needs.iter().filter(|needed| needed.need.until == Condition::Completed);
            all.jobs.extend(jobs.map(|needed| needed.name));
            for at in
                service.fields.get("links").map(|at| at.list(&mut Faults::default())).unwrap_or_default()
            {
                let Some(link) = at.text(&mut Faults::default()) else { continue };
                let (target, alias) = link.split_once(':').unwrap_or((link, link));
                all.links.entry(target).or_default().push((service.name, alias.to_owned()));
            }
        }
        all
    }
}

impl Asked<'_> {
    /// A service comes after those that it links to.
    fn order(&self, place: &mut Place<'_>) {
        let full = |name: &str| format!("{}_{name}", place.input.stack);
        for (target, links) in self.links.iter().filter(|(target, _)| self.names.contains(*target)) {
            for (service, _) in links.iter().filter(|(service, _)| service != target) {
                place.spec.after.entry(full(service)).or_default().entry(full(target)).or_default();
            }
        }
    }
}

fn one(service: &Service<'_>, body: &mut ServiceSpec, asked: &Asked<'_>, place: &mut Place<'_>) {
    let job = job::place(service, body, asked);
    container::image(service, body, place);
    container::place(service, body, place);
    namespaces::place(service, body, place);
    let probed = health::place(service, body, job, place);
    mounts::place(service, body, probed, place);
    networks::place(service, body, asked, place);
    ports::place(service, body, place);
    placed::place(service, body, place);
    writer::place(service, body, job, place);
    rollout::place(service, body, job, place);
    bounds::check(service, body, place);
    labelled::place(service, body, place);
}

/// The task of a service; an empty one is made if there is none.
fn task(body: &mut ServiceSpec) -> &mut TaskSpec {
    body.task_template.get_or_insert_default()
}

/// The container of a service.
fn inner(body: &mut ServiceSpec) -> &mut TaskSpecContainerSpec {
    task(body).container_spec.get_or_insert_default()
}
