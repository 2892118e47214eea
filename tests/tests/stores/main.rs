//! Secret stores: each kind against its documented answers over real HTTP on loopback, answers that
//! misbehave, and deployments that read from stores on both databases.
//!
//! To add a kind: a file with its answers, the request asserted in whole; `misbehaves` tries it, too.
#![expect(clippy::unwrap_used, reason = "a step of a test that fails should end it at that line")]

mod aws;
mod commands;
mod deployments;
mod doppler;
mod infisical;
mod misbehaves;
mod onepassword;
mod server;
mod vault;
