//! Who may act: the first admin, signing in and out, sessions, API tokens.
//!
//! What a browser or program shows (a cookie's value, a token) is kept as SHA-256 only; passwords
//! as Argon2id. To add a way to sign in: a file that ends in `session::enter`, as `login.rs` does, which asks
//! for the second step of whoever has one, or in `session::begin` if it proves as much by itself.

mod authenticate;
mod change_password;
mod login;
pub mod passkeys;
pub mod password;
mod people;
pub(super) mod reauthenticate;
mod reset_password;
mod second_step;
pub(super) mod session;
mod sessions;
mod setup;
pub(super) mod throttle;
mod tokens;
pub mod two_factor;
mod whoami;

pub(super) use authenticate::in_team;
pub use authenticate::{Caller, Means, by_cookie, by_token};
pub use change_password::change_password;
pub use login::{Login, login};
pub use people::{people, person};
pub use reset_password::reset_password;
pub use second_step::{SecondStep, second_step};
pub use session::{Entry, SignedIn};
pub use sessions::{end_session, logout, sessions, sign_out_everywhere};
pub use setup::{first_admin, needs_setup, setup};
pub(super) use tokens::mint;
pub use tokens::{NewToken, create_token, end_token, tokens};
pub use whoami::whoami;

/// What is kept of a cookie's value or a token.
pub(in crate::control) fn digest(value: &str) -> Vec<u8> {
    use sha2::Digest as _;
    sha2::Sha256::digest(value.as_bytes()).to_vec()
}
