//! The cluster's machines, the keys for others, and the instance itself.

mod credentials;
mod instance;
mod nodes;

pub use credentials::credentials;
pub use instance::instance;
pub use nodes::nodes;
