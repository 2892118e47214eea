//! Before anybody is signed in: the first admin, taking an invitation up, and login.

mod join;
mod login;
mod second;
mod setup;
mod sso;

pub use join::join;
pub use login::login;
pub use second::second;
pub use setup::setup;
pub use sso::{refused, team};
