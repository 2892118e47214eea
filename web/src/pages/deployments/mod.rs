//! One deployment.

mod deployment;

pub use deployment::deployment;
