//! HAProxy: bytes go through as they are, the client's address goes ahead of them (PROXY protocol v2).
//!
//! Both balancers of a pair get the same text. An edge counts as down two seconds after its ping said so
//! or was silent, twice; one that drains takes no new connection and ends those that it has. HAProxy 2.6.

use std::fmt::Write as _;

use super::Backend;
use crate::edge::PING_PATH;

/// Where the balancer itself says that it lives, for the one that moves the address.
pub(super) const ALIVE: &str = "127.0.0.1:8404";

/// The configuration of a balancer in front of these edges.
#[must_use]
pub fn haproxy(edges: &[Backend]) -> String {
    let mut text = format!(
        "# Skep: HAProxy in front of the edges. Made by `skep ha haproxy`; make it anew when a node comes or goes.
# The edges must believe this machine about addresses, and give it time to see that one ends:
#   SKEP_EDGE_PROXY_PROTOCOL=<addresses of the balancers>  SKEP_EDGE_DRAIN_SECONDS=10
# Connections at once: as many as its open files allow (`ulimit -n`), half of them.

defaults
    mode tcp
    option redispatch
    retries 3
    timeout connect 2s
    timeout client 1h
    timeout server 1h
    timeout check 2s

# For keepalived: this process works.
frontend alive
    mode http
    timeout client 5s
    bind {ALIVE}
    monitor-uri /alive
"
    );
    for (name, port) in [("web", 80), ("websecure", 443)] {
        let _ = write!(
            text,
            "
frontend {name}
    bind :::{port} v4v6
    default_backend {name}

backend {name}
    balance leastconn
    option httpchk GET {PING_PATH}
    http-check expect status 200
    default-server check port 80 check-send-proxy inter 1s fall 2 rise 2 send-proxy-v2
"
        );
        for edge in edges {
            let _ = writeln!(text, "    server {} {}", edge.name, edge.at(port));
        }
    }
    text
}
