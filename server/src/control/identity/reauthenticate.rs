//! Asks once more who it is, before it is changed how somebody signs in: whoever took over a browser
//! has the session, but not the password (case 125).

use super::{
    Caller, Means, password,
    throttle::{Subject, clear, count},
    two_factor::spend,
};
use crate::{
    control::{Ctx, Error},
    db::{self, Tx},
    domain::{id::SessionId, identity::User, secret::Secret},
};

/// The person, who showed their password again.
///
/// # Errors
/// [`Error::Reauthenticate`] if it is wrong; [`Error::Busy`] after too many tries; [`Error::Forbidden`]
/// for a token; a password too long to be one.
pub(in crate::control) async fn reauthenticate(
    cx: &Ctx,
    caller: &Caller,
    shown: &Secret,
) -> Result<User, Error> {
    let session = session_of(caller)?;
    cx.allow_account()?;
    password::check_length(shown).map_err(|wrong| Error::wrong("password", wrong))?;
    let subjects = [Subject::browser(&session.to_string())];
    let mut tx = cx.parts.db.write().await?;
    count(&mut tx, &subjects, cx.now()).await?;
    let user = db::identity::user(&mut tx, cx.actor.user).await?.ok_or(Error::NotFound("person"))?;
    tx.commit().await?;
    if !password::verify(user.password_hash.as_deref(), shown).await? {
        return Err(Error::Reauthenticate {
            field: "password",
            message: "is not your password; show it to go on",
        });
    }
    let mut tx = cx.parts.db.write().await?;
    clear(&mut tx, &subjects).await?;
    tx.commit().await?;
    Ok(user)
}

/// What counts wrong codes of somebody who is signed in.
///
/// # Errors
/// [`Error::Forbidden`] for a token.
pub(super) fn codes_of(caller: &Caller) -> Result<Subject, Error> {
    Ok(Subject::code(&session_of(caller)?.to_string()))
}

/// The session that the caller acts by.
///
/// # Errors
/// [`Error::Forbidden`] for a token.
pub(super) fn session_of(caller: &Caller) -> Result<SessionId, Error> {
    match caller.means {
        Means::Session(session) => Ok(session),
        Means::Token(_) => {
            let rule = "a token cannot change how you sign in; sign in with your password";
            Err(Error::Forbidden(rule.to_owned()))
        }
    }
}

/// The transaction in which a code of theirs was used up: what is done with it goes with the code, or
/// neither.
///
/// # Errors
/// [`Error::Reauthenticate`] for a wrong code or one that was used; [`Error::Busy`] after too many tries.
pub(super) async fn show_code(cx: &Ctx, caller: &Caller, code: &Secret) -> Result<Tx, Error> {
    let subjects = [codes_of(caller)?];
    let mut tx = cx.parts.db.write().await?;
    count(&mut tx, &subjects, cx.now()).await?;
    tx.commit().await?;
    let mut tx = cx.parts.db.write().await?;
    if !spend(&cx.parts, &mut tx, cx.actor.user, code).await? {
        let message = "is not what your app shows now, or was used; enter the next one, or a recovery code";
        return Err(Error::Reauthenticate { field: "code", message });
    }
    clear(&mut tx, &subjects).await?;
    Ok(tx)
}
