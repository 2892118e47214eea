//! DNS providers, and what is proved by records there: wildcards, domains, certificates of one's own.

#![expect(clippy::unwrap_used, reason = "a test that finds no value has failed")]

mod acme;
mod certificates;
mod ownership;
mod providers;
mod server;
mod stage;
mod update;
