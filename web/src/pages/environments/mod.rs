//! Environments.

mod environment;
mod variables;

pub use environment::environment;
pub use variables::variables;
