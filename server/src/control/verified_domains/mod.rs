//! Domains that the team proves to be theirs, by a TXT record at `_skep-challenge` below each. What is proved
//! holds for all names below it: other teams may not take them, and wildcards need it.
//!
//! To add an operation: a file named by its verb.

mod claim;
mod list;
mod ownership;
mod release;
mod verify;

pub use claim::claim;
pub use list::list;
pub(super) use ownership::{Ownership, ownership};
pub use release::release;
pub use verify::verify;

use crate::domain::{audit::Object, verified_domain::VerifiedDomain};

/// Domains of one team at most.
const COUNT: usize = 100;

/// As the audit log names it.
fn object(domain: &VerifiedDomain) -> Object {
    Object::new("verified_domain", domain.id, &domain.domain)
}
