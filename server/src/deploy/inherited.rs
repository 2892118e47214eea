//! What a Compose app takes over from what runs of it, so that a stack of the docker CLI's stays
//! what it is when its owner changes a service: objects under their names, ports as they are
//! published, volumes where their data is.
//!
//! Nothing is remembered for it but the release that serves: what runs tells. To add a part: a field
//! here, its reading in [`Taken::over`], and its use in `skep_stack::compose`.

use std::collections::{BTreeMap, BTreeSet};

use skep_stack::{
    models::{EndpointSpecModeEnum as Endpoint, ServiceSpec},
    observed::Observed,
    plan::same_endpoint,
    policy::Inherited,
    spec::StackSpec,
    text, vip, volumes,
};

use crate::swarm::Task;

/// What is taken over.
#[derive(Debug, Clone, Default)]
pub(super) struct Taken {
    /// Objects that its services run with.
    pub(super) objects: Inherited,
    /// Services, by their names in the file, that publish as the docker CLI would.
    pub(super) published: BTreeSet<String>,
    /// How its services are found now, by their names in the file.
    pub(super) running: BTreeMap<String, Endpoint>,
    /// Nodes of volumes, by service: none where tasks of one service run on several.
    pub(super) nodes: BTreeMap<String, Option<String>>,
    /// Nodes of volumes, by their names.
    pub(super) homes: BTreeMap<String, String>,
}

impl Taken {
    /// Looks at what runs. `tasks` are none where there is one node alone.
    pub(super) fn over(
        stack: &str,
        objects: Inherited,
        plain: Option<&StackSpec>,
        observed: &Observed,
        tasks: Option<&[Task]>,
    ) -> Self {
        let mut taken = Self { objects, ..Self::default() };
        for (name, service) in &observed.services {
            let (Some(short), Some(spec)) = (text::short(stack, name), service.spec.as_ref()) else {
                continue;
            };
            let written = plain.and_then(|plain| plain.services.get(name));
            taken.running.insert(short.to_owned(), vip::runs(spec));
            if vip::inherited(spec) && written.is_some_and(|written| same_endpoint(written, spec)) {
                taken.published.insert(short.to_owned());
            }
            if volumes::of(spec).next().is_none() {
                continue;
            }
            // Where it is pinned its data is, also while no task runs.
            let found = pin(spec).map(Some).or_else(|| node(name, tasks?));
            if let Some(Some(node)) = &found {
                taken.homes.extend(
                    volumes::of(spec).filter_map(|volume| Some((volume.source.clone()?, node.clone()))),
                );
            }
            taken.nodes.extend(found.map(|node| (short.to_owned(), node)));
        }
        taken
    }
}

/// The node that a service is pinned to by its id.
fn pin(spec: &ServiceSpec) -> Option<String> {
    let placement = spec.task_template.as_ref()?.placement.as_ref()?;
    let mut constraints = placement.constraints.iter().flatten();
    constraints.find_map(|constraint| volumes::pinned(constraint).map(str::to_owned))
}

/// Where tasks of a service run; nothing if none does.
#[expect(clippy::option_option, reason = "no task, and tasks on several nodes, are two answers")]
fn node(service: &str, tasks: &[Task]) -> Option<Option<String>> {
    let running = tasks
        .iter()
        .filter(|task| task.service_name == service && task.state == "running" && task.desired == "running");
    let nodes: BTreeSet<&String> = running.filter_map(|task| task.node.as_ref()).collect();
    let mut nodes = nodes.into_iter();
    let first = nodes.next()?;
    Some(nodes.next().is_none().then(|| first.clone()))
}
