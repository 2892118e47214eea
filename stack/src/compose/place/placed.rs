//! On which nodes tasks run: the file's constraints, the cluster's, and the volumes' node.

use bollard_stubs::models::{Mount, ServiceSpec};

use super::{Place, Service, task};
use crate::{
    text,
    volumes::{self, pin},
};

pub(super) fn place(service: &Service<'_>, body: &mut ServiceSpec, place: &mut Place<'_>) {
    let volumes: Vec<Mount> = volumes::of(body).cloned().collect();
    let placement = task(body).placement.get_or_insert_default();
    let mut constraints = Vec::new();
    for (i, written) in placement.constraints.take().unwrap_or_default().iter().enumerate() {
        match text::constraint(written) {
            Some((key, same, value)) => {
                constraints.push(format!("{key}{}{value}", if same { "==" } else { "!=" }));
            }
            None => {
                let at = service.find(&["deploy", "placement", "constraints"]);
                let item = at.and_then(|at| at.list(&mut place.faults).into_iter().nth(i));
                let rule = "must be like `node.labels.disk == ssd`";
                item.unwrap_or_else(|| service.at.clone()).fault(
                    "invalid_constraint",
                    rule,
                    &mut place.faults,
                );
            }
        }
    }
    constraints.extend(place.input.constraints.iter().cloned());
    let node = match place.input.nodes.get(service.name) {
        Some(node) => node.as_deref(),
        None => {
            let mut homes =
                volumes.iter().filter_map(|volume| place.input.homes.get(volume.source.as_deref()?));
            homes.next().map(String::as_str).or(place.input.volume_node)
        }
    };
    if let Some(node) = node.filter(|_| !volumes.is_empty()) {
        pin(&mut constraints, node);
    }
    placement.constraints = (!constraints.is_empty()).then_some(constraints);
    let keys =
        placement.preferences.iter().flatten().map(|preference| {
            preference.spread.as_ref().and_then(|spread| spread.spread_descriptor.as_deref())
        });
    for _ in keys.filter(|key| !key.is_some_and(text::node_key)) {
        let rule = "must be labels to spread over: `spread: node.labels.zone`";
        service.fault(&["deploy", "placement", "preferences"], "invalid_spread", rule, &mut place.faults);
    }
}
