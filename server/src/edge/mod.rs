//! Traefik's dynamic configuration: everything that the edge knows comes from here (S8).
//!
//! Traefik polls `GET /edge/traefik` each second. What it gets is rendered once per change, from
//! typed input, by a pure function; the polls share the bytes. Its static half, with the entry
//! points named below, lies in `deploy/traefik/traefik.yml`.
//!
//! Three rules hold whatever the input: a bad route or certificate is left out and reported, and
//! the others stay (F28); an empty or failed observation removes nothing (F27); no text gets into
//! a rule but through [`rule::quoted`].
//!
//! Traefik keeps its last good configuration when an answer is an error or garbage, but believes
//! an empty one. So what is not known is told as 503, never as an empty document.
//!
//! To add an option of a route: a field in `input.rs`, its form in Traefik's words in
//! `document.rs`, its place in `render.rs`, and a test against the real Traefik in
//! `tests/tests/edge/`.

mod certificate;
mod document;
mod input;
mod keep;
mod published;
mod render;
pub mod rule;
mod servers;
#[cfg(test)]
mod tests;
pub mod traffic;

pub use input::{
    Certificate, EdgeInput, HealthCheck, Limits, Options, Platform, Retry, Route, Scheme, Servers,
};
pub use published::{Document, Offered, Published};
pub use render::{LeftOut, Rendered, render};

/// The entry point for plain http, port 80.
pub const WEB: &str = "web";
/// The entry point for https, port 443.
pub const WEBSECURE: &str = "websecure";
/// The entry point that is published nowhere: ping and metrics.
pub const INTERNAL: &str = "internal";
/// Where a CA looks for the answer to an HTTP-01 challenge (RFC 8555, 8.3).
pub const CHALLENGE_PATH: &str = "/.well-known/acme-challenge/";
