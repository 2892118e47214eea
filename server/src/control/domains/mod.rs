//! Domains of apps: a host has one owner on the whole instance, and a change is served within
//! seconds, without a deployment, once the app is on the edge.
//!
//! To add a command: its own file, called by its verb; whoever takes a host for an app asks
//! [`take::host`].

mod add;
mod change;
mod generate;
mod list;
mod remove;
mod show;
mod take;

pub use add::{NewDomain, add};
pub use change::change;
pub(super) use generate::generate;
pub use generate::generate_now;
pub use list::list;
pub use remove::remove;
pub use show::show;

use super::Ctx;
use crate::bus::Hint;

/// Domains of one app at most.
const COUNT: usize = 100;

/// Tells who serves, and who gets certificates, that there is something new.
async fn tell(cx: &Ctx) {
    cx.parts.bus.publish(Hint::Edge).await;
    cx.parts.bus.publish(Hint::Jobs).await;
}
