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
                let item = item.unwrap_or_else(|| service.at.clone());
                if any_role(written) {
                    let note = "Swarm has no `||`, and every node has one of these roles: it is left out";
                    item.fault("any_role", note, &mut place.notes);
                } else {
                    let rule = if written.contains("||") {
                        "Swarm has no `||`: give the nodes of both sides one label, and ask for that"
                    } else {
                        "must be like `node.labels.disk == ssd`"
                    };
                    item.fault("invalid_constraint", rule, &mut place.faults);
                }
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

/// Whether a constraint says of each role that it will do.
fn any_role(written: &str) -> bool {
    let roles: Option<Vec<&str>> = written
        .split("||")
        .map(|side| {
            text::constraint(side).filter(|(key, same, _)| *same && key.eq_ignore_ascii_case("node.role"))
        })
        .map(|side| side.map(|(.., role)| role))
        .collect();
    let has = |role: &str| roles.iter().flatten().any(|named| named.eq_ignore_ascii_case(role));
    has("manager") && has("worker")
}
