//! Who may act: the first admin, signing in and out, sessions, API tokens.
//!
//! What a browser or program shows (a cookie's value, a token) is kept as SHA-256 only; passwords
//! as Argon2id. To add a way to sign in: a file that ends in `session::begin`, as `login.rs` does.

mod authenticate;
mod change_password;
mod login;
pub mod password;
mod reset_password;
pub(super) mod session;
mod sessions;
mod setup;
pub(super) mod throttle;
mod tokens;
mod whoami;

pub use authenticate::{Caller, Means, by_cookie, by_token};
pub use change_password::change_password;
pub use login::{Login, login};
pub use reset_password::reset_password;
pub use session::SignedIn;
pub use sessions::{end_session, logout, sessions, sign_out_everywhere};
pub use setup::{first_admin, needs_setup, setup};
pub use tokens::{NewToken, create_token, end_token, tokens};
pub use whoami::whoami;

/// What is kept of a cookie's value or a token.
pub(super) fn digest(value: &str) -> Vec<u8> {
    use sha2::Digest as _;
    sha2::Sha256::digest(value.as_bytes()).to_vec()
}
