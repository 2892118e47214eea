//! Turns two-factor sign-in off.

use super::is_off;
use crate::{
    control::{
        Ctx, Error, audit,
        identity::{
            Caller, SignedIn,
            reauthenticate::{reauthenticate, show_code},
            session::rotate,
        },
    },
    db,
    domain::{
        audit::{Action, Change, Object},
        secret::Secret,
    },
};

/// From now on the password alone is asked for. All sessions end, the caller's goes on under another
/// cookie.
///
/// # Errors
/// [`Error::Reauthenticate`] for a wrong password or code; `two_factor_off`; [`Error::Busy`] after
/// too many tries; [`Error::Forbidden`] for a token.
pub async fn turn_off(
    cx: &Ctx,
    caller: &Caller,
    password: &Secret,
    code: &Secret,
    agent: &str,
) -> Result<SignedIn, Error> {
    let user = reauthenticate(cx, caller, password).await?;
    let mut tx = cx.parts.db.read().await?;
    if !db::two_factor::is_on(&mut tx, user.id).await? {
        return Err(is_off());
    }
    drop(tx);
    let mut tx = show_code(cx, caller, code).await?;
    db::two_factor::remove(&mut tx, user.id).await?;
    let object = Object::person(user.id, user.email.as_str());
    let signed_in = rotate(cx, &mut tx, user, agent).await?;
    audit::record(cx, &mut tx, Action::TwoFactorOff, object, Change::none()).await?;
    tx.commit().await?;
    Ok(signed_in)
}
