//! The last known servers: an observation that failed or came back empty takes nothing away.
//!
//! Addresses on an overlay network are used again. So a kept address is dropped as soon as it is
//! seen to belong to another app: better no answer than somebody else's.

use std::{collections::BTreeMap, net::SocketAddr};

use super::input::{Known, Route, Servers};
use crate::domain::id::AppId;

/// Puts the last known servers where none are observed, and remembers those that are.
pub(super) fn keep(routes: &mut [Route], known: &mut Known) {
    let mut owners: BTreeMap<SocketAddr, AppId> = BTreeMap::new();
    for route in &*routes {
        if let Servers::At(servers) = &route.servers {
            owners.extend(servers.iter().map(|server| (task(server), route.app)));
        }
        if let Some(trial) = &route.trial {
            owners.extend(trial.servers.iter().map(|server| (task(server), route.app)));
        }
    }
    let mut next = Known::new();
    for route in routes {
        let servers = match &route.servers {
            Servers::Nobody => continue,
            Servers::At(servers) if !servers.is_empty() => servers.clone(),
            Servers::At(_) | Servers::Unknown => {
                let mut last = known.remove(&route.id).unwrap_or_default();
                last.retain(|server| owners.get(&task(server)).is_none_or(|owner| *owner == route.app));
                last
            }
        };
        if !servers.is_empty() {
            next.insert(route.id, servers.clone());
        }
        route.servers = Servers::At(servers);
    }
    *known = next;
}

/// An address on an overlay network is one task's, whatever the port; on loopback the port tells.
fn task(server: &SocketAddr) -> SocketAddr {
    if server.ip().is_loopback() { *server } else { SocketAddr::new(server.ip(), 0) }
}
