//! Published ports where there is no routing mesh: the node of the task answers. What runs already
//! goes on as it was published.

use bollard_stubs::models::{
    EndpointPortConfig, EndpointPortConfigProtocolEnum as Protocol,
    EndpointPortConfigPublishModeEnum as Mode, EndpointSpecModeEnum, ServiceSpec,
};

use super::{Place, Service};
use crate::{
    compose::{ports, read::At},
    fault::Faults,
};

/// Ports of one service.
const MOST: usize = 1000;

/// Sets ports and endpoint mode. A port without a published one has no effect here.
pub(super) fn place(service: &Service<'_>, body: &mut ServiceSpec, place: &mut Place<'_>) {
    if place.input.published.contains(service.name) {
        return;
    }
    let mut all = Vec::new();
    for (at, wishes) in ports::read(&service.fields, &mut ports::MOST.clone(), &mut Faults::default()) {
        for wish in wishes {
            all.extend(port(&at, wish, place));
        }
    }
    if let (true, Some(at)) = (all.len() > MOST, service.fields.get("ports")) {
        at.fault("too_many", "must be at most 1000 ports", &mut place.faults);
    }
    all.sort_by_key(|port| (port.published_port, port.protocol));
    let endpoint = body.endpoint_spec.get_or_insert_default();
    endpoint.ports = (!all.is_empty()).then_some(all);
    let usual = if place.input.dnsrr { EndpointSpecModeEnum::DNSRR } else { EndpointSpecModeEnum::VIP };
    if let (true, Some(EndpointSpecModeEnum::VIP), Some(at)) =
        (place.input.dnsrr, endpoint.mode, service.find(&["deploy", "endpoint_mode"]))
    {
        let rule =
            "has no effect on this cluster, whose kernel has no IPVS: services answer by task addresses";
        at.fault("ignored", rule, &mut place.notes);
        endpoint.mode = None;
    }
    endpoint.mode.get_or_insert(usual);
}

fn port(at: &At<'_>, wish: ports::Wish, place: &mut Place<'_>) -> Option<EndpointPortConfig> {
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
    let mode = match port.publish_mode {
        Some(Mode::INGRESS) if wish.long && place.input.dnsrr => {
            let rule = "cannot be `ingress` on this cluster, which has no routing mesh: use `host`";
            at.fault("ingress_unavailable", rule, &mut place.faults);
            Mode::HOST
        }
        Some(Mode::HOST) => Mode::HOST,
        _ if place.input.dnsrr => Mode::HOST,
        _ => Mode::INGRESS,
    };
    Some(EndpointPortConfig {
        protocol: Some(port.protocol.unwrap_or(Protocol::TCP)),
        publish_mode: Some(mode),
        ..port
    })
}
