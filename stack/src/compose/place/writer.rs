//! What a file says of a service by `x-skep`. Its data has one writer: `single_writer: true`, or a
//! volume and one task; never two of its tasks at once, not even while they are updated or return.
//! `drain: 5s`: how long a task is held before it stops.

use bollard_stubs::models::{
    ServiceSpec, ServiceSpecRollbackConfigOrderEnum as RollbackOrder,
    ServiceSpecUpdateConfigOrderEnum as UpdateOrder,
};

use super::{Place, Service, bounds::within};
use crate::{
    app::process::DRAIN,
    fault::Faults,
    labels,
    replicas::{single_writer, tasks},
    units::MILLISECOND,
};

/// Skep's own keys of a service.
const OWN: [&str; 2] = ["single_writer", "drain"];

/// Notes what the file says of it, and refuses what contradicts it.
pub(super) fn place(service: &Service<'_>, body: &mut ServiceSpec, job: bool, place: &mut Place<'_>) {
    let faults = &mut place.faults;
    let said = service.find(&["x-skep"]).map(|at| at.fields(&OWN, faults));
    if let Some(at) = said.as_ref().and_then(|own| own.get("drain")) {
        let nanos = at.duration(faults);
        within(service, &["x-skep", "drain"], nanos, DRAIN, faults);
        if let Some(nanos) = nanos {
            let labels = body.labels.get_or_insert_default();
            labels.insert(labels::DRAIN.to_owned(), format!("{}ms", nanos / MILLISECOND));
        }
    }
    let said = said.and_then(|own| own.get("single_writer").and_then(|at| at.bool(faults)));
    if let Some(said) = said {
        let labels = body.labels.get_or_insert_default();
        labels.insert(labels::SINGLE_WRITER.to_owned(), said.to_string());
    }
    if job || !single_writer(body) {
        return;
    }
    if !matches!(tasks(body), Some(0 | 1)) {
        let path: &[&str] = if service.fields.has("scale") { &["scale"] } else { &["deploy"] };
        let rule = "must ask for one task: its `x-skep` says that one alone writes";
        service.fault(path, "single_writer", rule, faults);
    }
    let start_first = body.update_config.as_ref().is_some_and(|c| c.order == Some(UpdateOrder::START_FIRST));
    refuse("update_config", start_first, service, faults);
    let start_first =
        body.rollback_config.as_ref().is_some_and(|c| c.order == Some(RollbackOrder::START_FIRST));
    refuse("rollback_config", start_first, service, faults);
}

fn refuse(part: &str, start_first: bool, service: &Service<'_>, faults: &mut Faults) {
    if start_first {
        let rule = "must be `stop-first`: one task alone writes to its volume; `x-skep: {single_writer: false}` says that two may";
        service.fault(&["deploy", part, "order"], "single_writer", rule, faults);
    }
}
