//! The database on its own: the same texts, the same schema, the same leases on both.

#![expect(clippy::unwrap_used, reason = "a test that finds no value has failed")]

mod audit;
mod jobs;
mod keys;
mod schema;
mod sealed;
mod together;
mod upgrade;
