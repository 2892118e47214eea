//! Before anybody is signed in: the first admin, taking an invitation up, and login.

mod join;
mod login;
mod setup;

pub use join::join;
pub use login::login;
pub use setup::setup;
