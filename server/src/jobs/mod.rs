//! Runs durable work: claims jobs under leases, renews them while they run, and hands them back
//! when the server stops.
//!
//! To add a kind: a variant of `domain::job::Work`, and its arm in `handle.rs`.

mod certificate;
mod challenges;
mod commit_status;
mod covered;
mod dns_answers;
mod handle;
mod internal;
mod remove_app;
mod worker;

pub use worker::{Worker, run};
