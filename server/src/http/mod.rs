//! HTTP: translate, nothing else. What is asked is decided in `control`.
//!
//! A request passes, from the outside in: request id and problem shape (`answer.rs`), headers
//! (`headers.rs`), bounds (`bounds.rs`), what is refused (`refused.rs`), origin (`origin.rs`), the route,
//! who asks (`auth.rs`).
//!
//! To add an endpoint of the API: `api/v1/<noun>/<verb>.rs` with its documentation for OpenAPI,
//! its line in `api/v1/<noun>/mod.rs`, and its line in `privileges.rs`.

mod acme;
mod answer;
pub mod api;
mod auth;
mod away;
mod body;
mod bounds;
mod client;
mod cookie;
mod edge;
mod edge_traffic;
mod events;
mod gate;
mod headers;
mod health;
mod hooks;
mod id;
mod json;
mod metrics;
mod openapi;
mod origin;
mod page;
mod privileges;
mod problem;
mod query;
mod refusals;
mod refused;
mod router;
mod state;

pub use auth::SignedInCaller;
pub use client::Peer;
pub use cookie::Cookie;
pub use openapi::document as api_document;
pub use page::{Dashboard, Visitor};
pub use privileges::{Need, TABLE as PRIVILEGES, need};
pub use problem::Problem;
pub use refusals::{flush_refusals, keep_refusals};
pub use router::router;
pub use state::{Limits, State};
