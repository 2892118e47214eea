//! Uses a code up. It counts once, also when it is shown many times at once (case 124): of all
//! statements that would use it, one finds it unused.

use super::kept;
use crate::{
    control::{Error, identity::throttle::Subject},
    db::{self, Tx},
    deploy::parts::Parts,
    domain::{
        id::UserId,
        secret::Secret,
        totp::{Entered, TotpKey},
    },
};

/// Whoever tries codes: a browser that signed in to the account before, or anybody who has its password.
pub fn subject(user: UserId, known: Option<&str>) -> Subject {
    match known {
        Some(known) => Subject::code(known),
        None => Subject::code(&user.to_string()),
    }
}

/// Uses the code up; false if it is none of this person's, or was used.
///
/// # Errors
/// The database; the secret does not open.
pub async fn spend(parts: &Parts, tx: &mut Tx, user: UserId, code: &Secret) -> Result<bool, Error> {
    match Entered::read(code) {
        Entered::Digits(code) => {
            let Some(found) = db::two_factor::load(tx, user).await? else { return Ok(false) };
            let key = TotpKey::of(&parts.seal.open("totp", &found.sealed)?);
            match key.step_of(code.expose(), parts.clock.now(), found.last_step) {
                Some(step) => Ok(db::two_factor::use_step(tx, user, step).await?),
                None => Ok(false),
            }
        }
        Entered::Recovery(code) => Ok(db::two_factor::use_code(tx, user, &kept(&code)).await?),
    }
}
