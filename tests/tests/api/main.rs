//! The public API and what stands before it, through the real router, on both databases.

#![expect(clippy::unwrap_used, reason = "a test that finds no value has failed")]

mod audit;
mod bounds;
mod domain_options;
mod domains;
mod events;
mod fields;
mod gate;
mod hook_outcomes;
mod hooks;
mod host_keys;
mod identity;
mod ids;
mod lifecycle;
mod login;
mod members;
mod openapi;
mod origin;
mod passkeys;
mod paths;
mod plan;
mod ports;
mod projects;
mod rejections;
mod service_accounts;
mod settings;
mod traffic;
mod two_factor;
mod variables;
