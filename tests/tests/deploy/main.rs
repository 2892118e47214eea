//! The pipeline over real SQL on both databases, with the outside worlds scripted.
//!
//! To add a case: a `db_test!` in the file of its subject, named by its number in the catalogue.

#![expect(clippy::unwrap_used, reason = "a test that finds no value has failed")]

mod adopt;
mod alone;
mod approvals;
mod around;
mod builds;
mod cancel;
mod certificates;
mod clocks;
mod compose;
mod endings;
mod endpoints;
mod ends;
mod interrupted;
mod janitor;
mod kill;
mod late;
mod order;
mod outbox;
mod protected;
mod pushes;
mod quota;
mod r100_isolation;
mod required;
mod secret_files;
mod services;
mod team_quota;
mod trials;
mod writers;
