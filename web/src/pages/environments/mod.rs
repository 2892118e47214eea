//! Environments.

mod environment;
mod keys;
mod protection;
mod variables;

pub use environment::environment;
pub use variables::variables;
