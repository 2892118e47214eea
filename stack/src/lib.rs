//! From what a user wrote to what Swarm shall hold, and the way there. Pure: text and data in,
//! data out; no network, no clock, no async.
//!
//! - [`app`]: the settings of a single-image app, and their way to a [`spec::StackSpec`].
//! - [`compose`]: the same for Compose files.
//! - [`policy`]: what a team may ask of the host; one choke point over the final spec.
//! - [`validate`]: what the engine would refuse, found before the first write.
//! - [`observed`], [`plan`]: what runs, and the ordered actions from there to what is wanted.

pub use bollard_stubs::models;

pub mod app;
pub mod compose;
pub mod fault;
pub mod labels;
pub mod observed;
pub mod plan;
pub mod policy;
pub mod replicas;
pub mod spec;
pub mod text;
pub mod units;
pub mod validate;
