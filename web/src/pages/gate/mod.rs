//! Before anybody is signed in: the first admin, and login.

mod login;
mod setup;

pub use login::login;
pub use setup::setup;
