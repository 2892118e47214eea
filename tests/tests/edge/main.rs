//! The edge on real parts: what Traefik makes of our documents, and certificates from Pebble.
//!
//! To add a case: a test in the file of its subject; `stage.rs` has Skep's half of the wire.

#![expect(clippy::unwrap_used, reason = "a step of a test that fails should end it at that line")]

mod acme;
mod behind;
mod failures;
mod ha;
mod hardening;
mod hold;
mod keeper;
mod many;
mod options;
mod page;
mod ports;
mod renewed;
mod routes;
mod stage;
mod traffic;
