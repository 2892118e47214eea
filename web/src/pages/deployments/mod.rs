//! One deployment.

mod approvals;
mod deployment;

pub use deployment::deployment;
