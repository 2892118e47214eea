//! Skep: push to git, and the app is built, rolled out as Swarm services, routed and served over
//! HTTPS, while the old version answers until the new one is proven healthy.
//!
//! Data flows one way down the floors; `tests/tests/architecture.rs` holds them. See ARCHITECTURE.md.

pub mod domain;

pub mod acme;
pub mod build;
pub mod bus;
pub mod db;
pub mod dns;
pub mod edge;
pub mod git;
pub mod sso;
pub mod stores;
pub mod swarm;

pub mod deploy;
pub mod keys;

pub mod jobs;
pub mod reconcile;

pub mod control;

pub mod http;
pub mod web_impl;

pub mod cli;
pub mod config;
pub mod lifecycle;
pub mod telemetry;
