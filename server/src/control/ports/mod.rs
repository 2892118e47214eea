//! Public ports of apps: one of those that the instance has is one app's alone.
//!
//! To add a command: its own file, called by its verb.

mod add;
mod list;
mod remove;

pub use add::{NewPort, add};
pub use list::{Ports, list};
pub use remove::remove;
