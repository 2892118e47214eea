//! The authorization matrix, generated: every operation of the API, every form and every stream,
//! with every role, on a thing of one's own, another team's, and one that is not there.
//!
//! What is expected comes from one table (`http/privileges.rs`) and from what the roles give; what
//! happens comes from the whole server. An operation that the table lacks is a hole, and fails.
//! To add a kind of thing: its id in [`things::Things`], and its place in [`things::fill`].

#![expect(clippy::unwrap_used, reason = "a test that finds no value has failed")]

mod api;
mod forms;
mod people;
mod scan;
mod streams;

mod things;
