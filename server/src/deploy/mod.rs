//! From a queued deployment to a proven release: fetch, build, push, plan, apply, verify, publish.
//!
//! Each step's output is recorded before the next begins; after a crash the recorded steps are
//! not run again, and the one in which it happened is repeated: every step can be.
//!
//! To add a step: a variant in `domain::step`, a file named by its verb here, a line in
//! `pipeline.rs`; the tests that repeat every step and kill the server in it pick it up by name.

pub mod addresses;
pub mod adopted;
pub mod apply;
pub mod archive;
pub mod build;
mod claim;
pub mod composed;
pub mod desire;
pub mod dns_record;
mod example;
pub mod fault;
pub mod fence;
pub mod fetch;
mod gap;
pub mod gate;
pub mod give_up;
pub mod hidden;
mod homes;
mod inherited;
mod judge;
mod live;
pub mod log;
pub mod mask;
mod own_nodes;
mod part;
pub mod parts;
pub mod pipeline;
pub mod plan;
pub mod preview;
pub mod protected;
pub mod publish;
pub mod push;
pub mod queue;
mod reason;
pub mod registry;
mod required;
pub mod rollback;
pub mod run;
mod secret_files;
pub mod secret_names;
pub mod settle;
pub mod shift;
mod standing;
pub mod status;
pub mod stored;
pub mod trial;
mod turn;
pub mod variables;
pub mod verify;
