//! Two-factor sign-in: besides the password a code of an authenticator app, or a recovery code.
//!
//! It begins in two steps, so that nobody locks themselves out: `begin.rs` makes the secret, and only a
//! code of it lets it count (`confirm.rs`). Whoever changes anything here shows the password again. To
//! add another second step: its row in `db/two_factor.rs`, and what proves it in `spend.rs`. A passkey needs no code (`passkeys/`).

mod begin;
mod confirm;
mod renew_codes;
mod reset;
mod show;
mod spend;
mod turn_off;

pub use begin::{Enrolment, begin};
pub use confirm::confirm;
pub use renew_codes::renew_codes;
pub use reset::reset;
pub use show::{Standing, show};
pub(super) use spend::{spend, subject};
pub use turn_off::turn_off;

use super::digest;
use crate::{
    control::Error,
    db::{self, Tx},
    domain::{
        clock::Clock,
        id::UserId,
        secret::Secret,
        totp::{Entered, RECOVERY_CODES, recovery_code},
    },
};

/// Makes recovery codes in the place of those that were there; told this once.
async fn put_codes(tx: &mut Tx, clock: &dyn Clock, user: UserId) -> Result<Vec<Secret>, Error> {
    let codes: Vec<Secret> = (0..RECOVERY_CODES).map(|_| recovery_code(clock)).collect();
    let hashes: Vec<Vec<u8>> = codes.iter().map(kept).collect();
    db::two_factor::put_codes(tx, user, &hashes).await?;
    Ok(codes)
}

/// What is kept of a recovery code.
fn kept(code: &Secret) -> Vec<u8> {
    match Entered::read(code) {
        Entered::Digits(code) | Entered::Recovery(code) => digest(code.expose()),
    }
}

/// Nothing is asked for that could be changed or turned off.
fn is_off() -> Error {
    Error::conflict("two_factor_off", "two-factor sign-in is off; turn it on first")
}
