//! Ports published on the nodes, and how the service is found.

use std::collections::BTreeSet;

use bollard_stubs::models::{
    EndpointPortConfig, EndpointPortConfigProtocolEnum, EndpointPortConfigPublishModeEnum, EndpointSpec,
    EndpointSpecModeEnum,
};

use super::AppSpec;
use crate::{fault::Faults, vip::Vip};

/// Ports of one app.
const MOST: usize = 100;

/// The engine's endpoint block.
pub(super) fn convert(app: &AppSpec<'_>, faults: &mut Faults) -> EndpointSpec {
    if app.settings.port == Some(0) {
        faults.add("settings.port", "out_of_range", "must be from 1 to 65535");
    }
    let mut seen = BTreeSet::new();
    let mut ports = Vec::new();
    faults.unless(
        app.settings.publish.len() <= MOST,
        "settings.publish",
        "too_many",
        "must be at most 100 ports",
    );
    for (i, port) in app.settings.publish.iter().enumerate().take(MOST) {
        let path = format!("settings.publish[{i}]");
        for (name, number) in [("target", port.target), ("published", port.published)] {
            faults.unless(number != 0, format!("{path}.{name}"), "out_of_range", "must be from 1 to 65535");
        }
        let protocol = match port.protocol.as_deref() {
            None | Some("tcp") => EndpointPortConfigProtocolEnum::TCP,
            Some("udp") => EndpointPortConfigProtocolEnum::UDP,
            Some(_) => {
                faults.add(format!("{path}.protocol"), "invalid_choice", "must be `tcp` or `udp`");
                EndpointPortConfigProtocolEnum::TCP
            }
        };
        let mode = match port.mode.as_deref() {
            None | Some("host") => EndpointPortConfigPublishModeEnum::HOST,
            Some("ingress") => {
                faults.unless(
                    app.vip != Vip::Never,
                    format!("{path}.mode"),
                    "ingress_unavailable",
                    "cannot be `ingress` on this cluster, whose kernel has no IPVS: use `host`",
                );
                EndpointPortConfigPublishModeEnum::INGRESS
            }
            Some(_) => {
                faults.add(format!("{path}.mode"), "invalid_choice", "must be `host` or `ingress`");
                EndpointPortConfigPublishModeEnum::HOST
            }
        };
        faults.unless(
            seen.insert((port.published, protocol)),
            format!("{path}.published"),
            "duplicate_port",
            "is published twice with the same protocol",
        );
        ports.push(EndpointPortConfig {
            name: None,
            protocol: Some(protocol),
            target_port: Some(i64::from(port.target)),
            published_port: Some(i64::from(port.published)),
            publish_mode: Some(mode),
        });
    }
    ports.sort_by_key(|port| (port.published_port, port.protocol));
    // The routing mesh leads to the service's own address.
    let mesh = ports.iter().any(|port| port.publish_mode == Some(EndpointPortConfigPublishModeEnum::INGRESS));
    EndpointSpec {
        mode: Some(app.vip.mode(mesh.then_some(EndpointSpecModeEnum::VIP), app.running)),
        ports: (!ports.is_empty()).then_some(ports),
    }
}
