//! Turns two-factor sign-in on: the first code shows that the app has the secret.

use super::{put_codes, spend};
use crate::{
    control::{
        Ctx, Error, audit,
        identity::{
            Caller, SignedIn,
            reauthenticate::{codes_of, reauthenticate},
            session::rotate,
            throttle::{clear, count},
        },
    },
    db,
    domain::{
        audit::{Action, Change, Object},
        fault::Wrong,
        secret::Secret,
    },
};

/// From now on a code is asked for. All sessions end, the caller's goes on under another cookie;
/// the recovery codes are told this once.
///
/// # Errors
/// [`Error::Reauthenticate`] for a wrong password; a fault at `code`; `two_factor_not_begun`,
/// `two_factor_on`; [`Error::Busy`] after too many tries; [`Error::Forbidden`] for a token.
pub async fn confirm(
    cx: &Ctx,
    caller: &Caller,
    password: &Secret,
    code: &Secret,
    agent: &str,
) -> Result<(SignedIn, Vec<Secret>), Error> {
    let user = reauthenticate(cx, caller, password).await?;
    let subjects = [codes_of(caller)?];
    let mut tx = cx.parts.db.write().await?;
    match db::two_factor::load(&mut tx, user.id).await? {
        None => {
            return Err(Error::conflict(
                "two_factor_not_begun",
                "begin first: there is no key to have a code of",
            ));
        }
        Some(found) if found.confirmed_at.is_some() => {
            return Err(Error::conflict("two_factor_on", "two-factor sign-in is on already"));
        }
        Some(_) => {}
    }
    count(&mut tx, &subjects, cx.now()).await?;
    tx.commit().await?;
    let mut tx = cx.parts.db.write().await?;
    if !spend(&cx.parts, &mut tx, user.id, code).await?
        || !db::two_factor::confirm(&mut tx, user.id, cx.now()).await?
    {
        let rule =
            "is not what the app shows now; check that the clocks of both are right, and enter the next one";
        return Err(Error::wrong("code", Wrong::coded("wrong_code", rule)));
    }
    clear(&mut tx, &subjects).await?;
    let codes = put_codes(&mut tx, &*cx.parts.clock, user.id).await?;
    let object = Object::person(user.id, user.email.as_str());
    let signed_in = rotate(cx, &mut tx, user, agent).await?;
    audit::record(cx, &mut tx, Action::TwoFactorOn, object, Change::none()).await?;
    tx.commit().await?;
    Ok((signed_in, codes))
}
