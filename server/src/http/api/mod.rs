//! The public API. A new version would be a folder beside `v1`.

pub mod v1;
