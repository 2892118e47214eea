//! One writer: a service to whose volume one task alone writes never has two of them.
//!
//! What excludes a second one, and what does not:
//!
//! | Where it could come from | What is done |
//! |---|---|
//! | another node | a volume is of one node: the service is pinned to it, and waits while it is away |
//! | more replicas | refused where they are asked for ([`crowded`], `app`, `compose`), and never sent ([`crate::replicas::replicate`]) |
//! | an update, a return, a restart | the old task stops first, also when Swarm returns by itself |
//! | a node that was away and comes back | Swarm does not wait for the old container there, which runs until it is told to stop, and as long as it takes to: both are on the same node, for the stop grace period. The [`lease`] excludes it |
//! | other services of the stack on the same volume | several writers by the file's own word: no lease |
//!
//! The lease is the kernel's lock on the folder of the volume, taken by our probe before it becomes
//! the container's program, which inherits it (`server/probe/src/lease.rs`). It needs the words of
//! the program: those of the image where the source says none. What the docker CLI made and nobody
//! changed since has no lease, nor does a job, nor a volume of another stack.

use std::collections::{BTreeMap, BTreeSet};

use bollard_stubs::models::ServiceSpec;
use serde::{Deserialize, Serialize};

use crate::{
    app::health::PROBE,
    fault::{Fault, Faults},
    labels,
    observed::Observed,
    replicas::{is_job, single_writer, tasks},
    spec::StackSpec,
    text, volumes,
};

/// What an image runs where nobody says anything else.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Words {
    /// `Config.Entrypoint`.
    pub entrypoint: Vec<String>,
    /// `Config.Cmd`.
    pub command: Vec<String>,
    /// `Config.StopSignal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_signal: Option<String>,
}

/// Services that would get several tasks although one alone may write: scaled so, or by a file that
/// does not say that several may, while the service runs with one.
#[must_use]
pub fn crowded(spec: &StackSpec, observed: &Observed, wanted: impl Fn(&str) -> Option<u64>) -> Vec<Fault> {
    let mut faults = Faults::default();
    for (name, service) in spec.services.iter().filter(|(_, service)| !is_job(service)) {
        let short = text::short(&spec.name, name).unwrap_or(name).escape_debug();
        if single_writer(service) {
            if let Some(count) = wanted(name).filter(|count| *count > 1) {
                let rule = format!(
                    "is {count}, and one task alone writes to the service's volume: scale it to 1, or write `x-skep: {{single_writer: false}}` into the file, which says that several may"
                );
                faults.add(format!("settings.scale.{short}"), "single_writer", rule);
            }
            continue;
        }
        let said = service.labels.as_ref().is_some_and(|labels| labels.contains_key(labels::SINGLE_WRITER));
        let runs = observed.services.get(name).and_then(|running| running.spec.as_ref());
        let alone = runs.is_some_and(|runs| !is_job(runs) && single_writer(runs));
        if !said
            && alone
            && volumes::written(service).next().is_some()
            && tasks(service).is_none_or(|count| count > 1)
        {
            let rule = "must be 1: one task alone has written to the service's volume until now; `x-skep: {single_writer: false}` in the file says that several may";
            faults.add(format!("services.{short}.deploy.replicas"), "single_writer", rule);
        }
    }
    faults.0
}

/// Gives each service that alone writes to volumes of the stack a lease on them, if it is known what
/// it runs. The probe must be mounted.
pub(crate) fn lease(spec: &mut StackSpec) {
    let alone = |service: &ServiceSpec| !is_job(service) && single_writer(service);
    let mut writers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, service) in spec.services.iter().filter(|(_, service)| alone(service)) {
        for (source, _) in written(service) {
            writers.entry(source).or_default().insert(name.clone());
        }
    }
    let own = format!("{}_", spec.name);
    for (name, service) in &mut spec.services {
        if !alone(service) {
            continue;
        }
        let only =
            |source: &str| source.starts_with(&own) && writers.get(source).is_some_and(|w| w.len() == 1);
        let folders: BTreeSet<String> = written(service)
            .into_iter()
            .filter(|(source, _)| only(source))
            .map(|(_, target)| target)
            .collect();
        let Some(container) = service.task_template.as_mut().and_then(|task| task.container_spec.as_mut())
        else {
            continue;
        };
        let said = container.command.clone().filter(|words| !words.is_empty());
        let arguments = container.args.clone().filter(|words| !words.is_empty());
        // An entrypoint of one's own leaves the image's command out.
        let (program, arguments) = match (said, spec.starts.get(name).cloned()) {
            (Some(program), _) => (program, arguments.unwrap_or_default()),
            (None, Some(image)) => (image.entrypoint, arguments.unwrap_or(image.command)),
            (None, None) => continue,
        };
        if folders.is_empty() || program.is_empty() && arguments.is_empty() {
            continue;
        }
        let first = [PROBE, "lease"].map(str::to_owned).into_iter();
        let words = first.chain(folders).chain(["--".to_owned()]).chain(program);
        container.command = Some(words.collect());
        container.args = (!arguments.is_empty()).then_some(arguments);
    }
}

/// Names and targets of the volumes that a service may write to.
fn written(service: &ServiceSpec) -> Vec<(String, String)> {
    let mounts = volumes::written(service);
    mounts.filter_map(|mount| Some((mount.source.clone()?, mount.target.clone()?))).collect()
}
