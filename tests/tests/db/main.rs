//! The database on its own: the same texts, the same schema, the same leases on both.

mod jobs;
mod schema;
