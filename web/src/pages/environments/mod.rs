//! Environments.

mod environment;
mod protection;
mod variables;

pub use environment::environment;
pub use variables::variables;
