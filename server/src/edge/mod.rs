//! Traefik's dynamic configuration: everything that the edge knows comes from here (S8).
//!
//! The keeper beside each Traefik (`keeper/`) waits at `GET /edge/traefik`. What it gets is rendered once
//! per change, from typed input, by a pure function; all who wait share the bytes. Traefik's static half,
//! with the entry points named below, lies in `deploy/traefik/traefik.yml`.
//!
//! Three rules hold whatever the input: a bad route or certificate is left out and reported, and
//! the others stay (F28); an empty or failed observation removes nothing (F27); no text gets into
//! a rule but through [`rule::quoted`].
//!
//! Traefik keeps its last good configuration when an answer is an error or garbage, but believes
//! an empty one. So what is not known is told as 503, never as an empty document.
//!
//! To add an option of a route: see `domain/route/`; in Traefik's words it stands in `options/`.
//! Something else of a route: a field in `input.rs`, its form in `document.rs`, its place in
//! `render.rs`, and a test against the real Traefik in `tests/tests/edge/`.

mod certificate;
mod document;
pub mod front;
mod input;
mod keep;
pub mod keeper;
mod options;
mod ports;
mod published;
mod render;
pub mod rule;
mod serve;
mod servers;
#[cfg(test)]
mod tests;
pub mod traffic;

pub use input::{
    Certificate, EdgeInput, HealthCheck, Limits, Options, Platform, Port, Retry, Route, Scheme, Servers,
    Trial,
};
pub use ports::entry_point;
pub use published::{Document, Offered, Published};
pub use render::{LeftOut, Pages, Rendered, render};

/// The entry point for plain http, port 80.
pub const WEB: &str = "web";
/// The entry point for https, port 443.
pub const WEBSECURE: &str = "websecure";
/// The entry point that is published nowhere: ping and metrics.
pub const INTERNAL: &str = "internal";
/// Where a CA looks for the answer to an HTTP-01 challenge (RFC 8555, 8.3).
pub const CHALLENGE_PATH: &str = "/.well-known/acme-challenge/";
/// Where an edge tells whether it takes requests: for balancers in front of it. 503 while it drains.
pub const PING_PATH: &str = "/.well-known/skep/ping";
/// Below it, on the internal entry point, there is the one version that is served.
pub const VERSION_PATH: &str = "/edge/version/";
/// The name of that route.
pub const VERSION_ROUTER: &str = "version";

/// Where Skep has the page that a domain's visitors see in place of the app: `why` is `away`,
/// `maintenance` or `error`.
#[must_use]
pub fn page_path(domain: crate::domain::id::DomainId, why: &str) -> String {
    format!("/edge/page/{domain}/{why}")
}

/// Where a visitor comes back to an app's host with the word that they signed in with Skep.
pub const GATE_PATH: &str = "/.well-known/skep/gate";

/// Where Skep is asked whether a request may go on to the app.
#[must_use]
pub fn gate_path(domain: crate::domain::id::DomainId) -> String {
    format!("/edge/gate/{domain}")
}
