//! The cluster's machines, the keys for others, the audit log, and the instance itself.

mod audit;
mod credentials;
mod edges;
mod host_keys;
mod instance;
mod nodes;

pub use audit::audit;
pub use credentials::credentials;
pub(super) use credentials::{row as credential_row, trusts};
pub use host_keys::shown as shown_host_keys;
pub use instance::instance;
pub use nodes::nodes;
