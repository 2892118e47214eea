//! What the edges saw: taken from them, shown to who may read an app's logs, and watched as it happens.
//!
//! To ask something more of counts: its figure in `domain/traffic/ask.rs`, and its field in [`Traffic`].

mod missing;
mod receive;
mod show;
mod watch;

pub use missing::missing;
pub use receive::receive;
pub use show::{Asked, OfDomain, Point, Traffic, show};
pub use watch::{watch, watched};
