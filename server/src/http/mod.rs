//! HTTP: translate, nothing else. What is asked is decided in `control`.
//!
//! To add an endpoint of the API: `api/v1/<noun>/<verb>.rs` with its documentation for OpenAPI,
//! and its line in `api/v1/<noun>/mod.rs`.

mod health;
mod router;
mod state;

pub use router::router;
pub use state::State;
