//! Removes a passkey: it signs in no longer.

use crate::{
    control::{
        Ctx, Error, audit,
        identity::{Caller, reauthenticate::session_of},
    },
    db,
    domain::{
        audit::{Action, Change, Object},
        id::PasskeyId,
    },
};

/// Removes one of the actor's. The password is not asked for: without this key they can do less, not more.
///
/// # Errors
/// [`Error::NotFound`]; `last_passkey` for the last one of somebody without a password;
/// [`Error::Forbidden`] for a token.
pub async fn remove(cx: &Ctx, caller: &Caller, id: PasskeyId) -> Result<(), Error> {
    session_of(caller)?;
    cx.allow_account()?;
    let mut tx = cx.parts.db.write().await?;
    db::passkey::hold(&mut tx, cx.actor.user).await?;
    let all = db::passkey::of_person(&mut tx, cx.actor.user).await?;
    let passkey = all.iter().find(|one| one.id == id).ok_or(Error::NotFound("passkey"))?;
    let user = db::identity::user(&mut tx, cx.actor.user).await?.ok_or(Error::NotFound("person"))?;
    if all.len() == 1 && user.password_hash.is_none() {
        let rule = "it is your last passkey, and you have no password: register another one first";
        return Err(Error::conflict("last_passkey", rule));
    }
    db::passkey::remove(&mut tx, cx.actor.user, id).await?;
    let object = Object::new("passkey", id, &passkey.name);
    audit::record(cx, &mut tx, Action::PasskeyRemove, object, Change::none()).await?;
    tx.commit().await?;
    Ok(())
}
