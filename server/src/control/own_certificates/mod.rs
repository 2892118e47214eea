//! Certificates that the team brings along, for hosts of theirs. None is ordered for a host while one of these
//! serves it; afterwards one is.
//!
//! To add an operation: a file named by its verb.

mod list;
mod remove;
mod upload;

pub use list::list;
pub use remove::remove;
pub use upload::{Uploaded, upload};

use crate::domain::{audit::Object, certificate::OwnCertificate};

/// Certificates of one team at most.
const COUNT: usize = 100;

/// As the audit log names it.
fn object(own: &OwnCertificate) -> Object {
    let names: Vec<&str> = own.names.iter().map(AsRef::as_ref).collect();
    Object::new("certificate", own.id, names.join(", "))
}
