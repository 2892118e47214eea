//! Certificates: what we have, and why not.
//!
//! To add an operation: a file named by its verb.

mod authority;
mod choose;
mod expiring;
mod import;
mod list;
mod renew;
mod retry;

pub use authority::authority;
pub use choose::choose;
pub use expiring::expiring;
pub use import::{Fate, Found, import, preview};
pub use list::{Mine, of_app, of_instance, of_team, show};
pub use renew::renew;
pub use retry::{retry, retry_one};

use super::Error;
use crate::{
    db::{self, Tx},
    domain::{audit::Object, certificate::Certificate, clock::Time, host_pattern::HostPattern},
};

/// A CA counts failed validations: five in an hour at most.
const BETWEEN: chrono::Duration = chrono::Duration::minutes(12);

fn object(row: &Certificate) -> Object {
    Object::new("certificate", row.id, &row.host)
}

/// Whether a failed one may be tried again by hand already.
fn rested(row: &Certificate, now: Time) -> Result<(), Error> {
    let soon = row.tried_at.map(|tried| tried + BETWEEN).filter(|at| row.failures > 0 && *at > now);
    soon.map_or(Ok(()), |at| Err(Error::Busy((at - now).num_seconds().max(1).unsigned_abs())))
}

/// Whether a host is the platform's own.
async fn is_platform(tx: &mut Tx, host: &HostPattern) -> Result<bool, Error> {
    Ok(db::setting::get(tx, "public_host").await?.as_deref() == Some(host.as_str()))
}
