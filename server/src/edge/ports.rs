//! Ports for what is not HTTP: routers of connections and packets, each on an entry point of its own.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
};

use serde::Serialize;

use super::{
    input::{EdgeInput, Port},
    render::LeftOut,
    rule, servers,
};
use crate::domain::port::{PortTls, Protocol};

/// Traefik's `tcp` or `udp`.
#[derive(Serialize, Default)]
pub(super) struct Section {
    routers: BTreeMap<String, Router>,
    services: BTreeMap<String, Service>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    middlewares: BTreeMap<String, Middleware>,
}

impl Section {
    /// Whether there is nothing in it: Traefik takes no empty section.
    pub(super) fn is_empty(&self) -> bool {
        self.routers.is_empty()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Router {
    entry_points: [String; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    service: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    middlewares: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls: Option<Tls>,
}

#[derive(Serialize)]
struct Tls {
    passthrough: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Service {
    load_balancer: LoadBalancer,
}

#[derive(Serialize)]
struct LoadBalancer {
    servers: Vec<Server>,
}

#[derive(Serialize)]
struct Server {
    address: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Middleware {
    #[serde(rename_all = "camelCase")]
    IpAllowList { source_range: Vec<String> },
}

/// The entry point of a public port, as the edge's static half has it.
#[must_use]
pub fn entry_point(protocol: Protocol, port: u16) -> String {
    format!("{}-{port}", protocol.name())
}

/// Both sections, and what is not in them. The oldest one has a port that two claim.
pub(super) fn sections(input: &EdgeInput) -> (Section, Section, Vec<LeftOut>) {
    let (mut tcp, mut udp, mut left_out) = (Section::default(), Section::default(), Vec::new());
    let mut all: Vec<&Port> = input.ports.iter().collect();
    all.sort_by_key(|port| port.id);
    let mut taken = BTreeSet::new();
    for port in all {
        let section = if port.protocol == Protocol::Tcp { &mut tcp } else { &mut udp };
        let made = if taken.insert((port.protocol, port.public)) {
            add(section, port, input.options.loopback)
        } else {
            Err("another leads from there already".to_owned())
        };
        if let Err(why) = made {
            left_out.push(LeftOut { what: format!("port {}", port.id), why });
        }
    }
    (tcp, udp, left_out)
}

fn add(section: &mut Section, port: &Port, loopback: bool) -> Result<(), String> {
    let unfit = |server: &SocketAddr| servers::unfit(server, loopback);
    let good: BTreeSet<_> = port.servers.iter().filter(|server| unfit(server).is_none()).collect();
    match port.servers.iter().find_map(unfit) {
        Some(why) if good.is_empty() => return Err(why),
        _ if good.is_empty() => return Ok(()),
        _ => {}
    }
    let name = format!("p-{}", port.id);
    let rule = match (port.protocol, &port.host) {
        (Protocol::Udp, _) => None,
        (Protocol::Tcp, None) => Some(rule::ANY_CONNECTION.to_owned()),
        (Protocol::Tcp, Some(host)) => {
            Some(rule::named(host.as_str()).ok_or("its host cannot be part of a rule")?)
        }
    };
    let mut middlewares = Vec::new();
    if let Some(allow) = &port.allow {
        let called = format!("{name}-allow");
        let source_range = allow.texts();
        section.middlewares.insert(called.clone(), Middleware::IpAllowList { source_range });
        middlewares.push(called);
    }
    let router = Router {
        entry_points: [entry_point(port.protocol, port.public)],
        rule,
        service: name.clone(),
        middlewares,
        tls: port.tls.map(|tls| Tls { passthrough: tls == PortTls::Passthrough }),
    };
    let servers = good.into_iter().map(|server| Server { address: server.to_string() }).collect();
    section.services.insert(name.clone(), Service { load_balancer: LoadBalancer { servers } });
    section.routers.insert(name, router);
    Ok(())
}
