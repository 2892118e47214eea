//! Makes new recovery codes; the old ones count no more.

use super::{is_off, put_codes};
use crate::{
    control::{
        Ctx, Error, audit,
        identity::{
            Caller,
            reauthenticate::{reauthenticate, show_code},
        },
    },
    db,
    domain::{
        audit::{Action, Change, Object},
        secret::Secret,
    },
};

/// The new codes, told this once.
///
/// # Errors
/// [`Error::Reauthenticate`] for a wrong password or code; `two_factor_off`; [`Error::Busy`] after
/// too many tries; [`Error::Forbidden`] for a token.
pub async fn renew_codes(
    cx: &Ctx,
    caller: &Caller,
    password: &Secret,
    code: &Secret,
) -> Result<Vec<Secret>, Error> {
    let user = reauthenticate(cx, caller, password).await?;
    let mut tx = cx.parts.db.read().await?;
    if !db::two_factor::is_on(&mut tx, user.id).await? {
        return Err(is_off());
    }
    drop(tx);
    let mut tx = show_code(cx, caller, code).await?;
    let codes = put_codes(&mut tx, &*cx.parts.clock, user.id).await?;
    let object = Object::person(user.id, user.email.as_str());
    audit::record(cx, &mut tx, Action::TwoFactorCodes, object, Change::none()).await?;
    tx.commit().await?;
    Ok(codes)
}
