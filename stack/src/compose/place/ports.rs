//! Published ports, and how a service is found: by an address of its own where the kernel has IPVS,
//! with the routing mesh before it; by the addresses of its tasks where not, and then the node of the
//! task answers. What runs already goes on as it was published.

use bollard_stubs::models::{
    EndpointPortConfig, EndpointPortConfigProtocolEnum as Protocol,
    EndpointPortConfigPublishModeEnum as Publish, EndpointSpecModeEnum as Mode, ServiceSpec,
};

use super::{Place, Service};
use crate::{
    compose::{ports, read::At},
    fault::Faults,
    labels,
    vip::Vip,
};

/// Ports of one service.
const MOST: usize = 1000;

/// Sets ports and endpoint mode. A port without a published one has no effect here.
pub(super) fn place(service: &Service<'_>, body: &mut ServiceSpec, place: &mut Place<'_>) {
    if place.input.published.contains(service.name) {
        return;
    }
    let wishes = ports::read(&service.fields, &mut ports::MOST.clone(), &mut Faults::default());
    let mode = mode(service, body, &wishes, place);
    if mode == Mode::VIP {
        let labels = body.labels.get_or_insert_default();
        labels.insert(labels::VIP.to_owned(), "true".to_owned());
    }
    let mut all = Vec::new();
    for (at, wishes) in wishes {
        for wish in wishes {
            all.extend(port(&at, wish, mode, place));
        }
    }
    if let (true, Some(at)) = (all.len() > MOST, service.fields.get("ports")) {
        at.fault("too_many", "must be at most 1000 ports", &mut place.faults);
    }
    all.sort_by_key(|port| (port.published_port, port.protocol));
    let endpoint = body.endpoint_spec.get_or_insert_default();
    endpoint.ports = (!all.is_empty()).then_some(all);
    endpoint.mode = Some(mode);
}

/// What the file asks for, by its word or by a port of the routing mesh, or what runs.
fn mode(
    service: &Service<'_>,
    body: &ServiceSpec,
    wishes: &[(At<'_>, Vec<ports::Wish>)],
    place: &mut Place<'_>,
) -> Mode {
    let said = body.endpoint_spec.as_ref().and_then(|endpoint| endpoint.mode);
    let mesh = wishes.iter().flat_map(|(_, wishes)| wishes).any(in_mesh);
    let running = place.input.running.get(service.name).copied();
    let mode = place.input.vip.mode(said.or(mesh.then_some(Mode::VIP)), running);
    if let (Mode::DNSRR, Some(Mode::VIP), Some(at)) = (mode, said, service.find(&["deploy", "endpoint_mode"]))
    {
        let rule =
            "has no effect on this cluster, whose kernel has no IPVS: services answer by task addresses";
        at.fault("ignored", rule, &mut place.notes);
    }
    mode
}

/// The file says by its own word that any node is to answer.
fn in_mesh(wish: &ports::Wish) -> bool {
    wish.long && wish.port.publish_mode == Some(Publish::INGRESS)
}

fn port(at: &At<'_>, wish: ports::Wish, mode: Mode, place: &mut Place<'_>) -> Option<EndpointPortConfig> {
    let in_mesh = in_mesh(&wish);
    let port = wish.port;
    let out_of_range = port.published_port == Some(0) && !wish.long || port.target_port == Some(0);
    if out_of_range {
        at.fault("invalid_port", "must be ports from 1 to 65535", &mut place.faults);
        return None;
    }
    if port.target_port.is_none() {
        at.fault("required", "must have a `target`", &mut place.faults);
        return None;
    }
    if port.published_port.is_none_or(|port| port == 0) {
        let rule = "has no effect without a published port: domains and other services reach the port anyway";
        at.fault("ignored", rule, &mut place.notes);
        return None;
    }
    if in_mesh && mode == Mode::DNSRR {
        let rule = match place.input.vip {
            Vip::Never => "cannot be `ingress` on this cluster, which has no routing mesh: use `host`",
            Vip::Asked | Vip::Usual => {
                "cannot be `ingress` of a service with `endpoint_mode: dnsrr`: use `host`, or leave the mode out"
            }
        };
        at.fault("ingress_unavailable", rule, &mut place.faults);
    }
    let by_node = port.publish_mode == Some(Publish::HOST) || mode == Mode::DNSRR;
    Some(EndpointPortConfig {
        protocol: Some(port.protocol.unwrap_or(Protocol::TCP)),
        publish_mode: Some(if by_node { Publish::HOST } else { Publish::INGRESS }),
        ..port
    })
}
