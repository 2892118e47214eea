//! The only code that runs in the browser. Each island makes something live that is already
//! complete on the page: the server draws the list, the form, the steps; the island follows a
//! stream, asks before a click counts, or copies. It touches what is there by id, so nothing is
//! drawn in two ways and nothing is sent twice.
//!
//! To add one: its file with an `#[island]`, what it does in the browser behind
//! `feature = "hydrate"`, and its use on a page that works without it. Then look at the size that
//! `build.sh` prints: the budget is 150 KB, compressed.

#![expect(missing_docs, reason = "the island macro makes items of its own, without docs")]

mod active_deployment;
mod app_log;
mod confirm_button;
mod copy_button;
mod deployment_progress;
mod log_end;
#[cfg(feature = "hydrate")]
mod log_list;
mod passkey_button;
#[cfg(feature = "hydrate")]
mod stream;
mod theme_toggle;

pub use active_deployment::*;
pub use app_log::*;
pub use confirm_button::*;
pub use copy_button::*;
pub use deployment_progress::*;
pub use log_end::*;
pub use passkey_button::*;
pub use theme_toggle::*;
