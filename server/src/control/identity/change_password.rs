//! Changes the actor's password. All other browsers are signed out.

use super::{
    Caller, Means, password,
    throttle::{Subject, clear, count},
};
use crate::{
    control::{Ctx, Error, audit},
    db,
    domain::{
        audit::{Action, Change, Object},
        fault::Wrong,
        secret::Secret,
    },
};

/// Changes the password and ends the person's other sessions.
///
/// # Errors
/// Every wrong field at once; [`Error::Busy`] after too many tries; [`Error::Forbidden`] for a token.
pub async fn change_password(cx: &Ctx, caller: &Caller, current: &Secret, new: &Secret) -> Result<(), Error> {
    let Means::Session(session) = caller.means else {
        return Err(Error::Forbidden(
            "a token cannot change a password; sign in with your password".to_owned(),
        ));
    };
    cx.allow_account()?;
    let mut faults = Vec::new();
    if let Err(wrong) = password::check_length(current) {
        faults.push(wrong.at("current"));
    }
    let mut tx = cx.parts.db.read().await?;
    let user = db::identity::user(&mut tx, cx.actor.user).await?.ok_or(Error::NotFound("person"))?;
    let teams = db::team::of_person(&mut tx, user.id).await?;
    drop(tx);
    let teams = teams.iter().map(|team| team.name.as_str());
    let names = password::names(&user.email, teams, cx.parts.instance.public_url.as_ref());
    if let Err(wrong) = password::check(new, &names) {
        faults.push(wrong.at("password"));
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    // Whoever took over a browser must not guess on from there.
    let subjects = [Subject::browser(&session.to_string())];
    let mut tx = cx.parts.db.write().await?;
    count(&mut tx, &subjects, cx.now()).await?;
    tx.commit().await?;
    if !password::verify(user.password_hash.as_deref(), current).await? {
        return Err(Error::wrong("current", Wrong::coded("wrong_password", "is not your password")));
    }
    let hash = password::hash(&*cx.parts.clock, new).await?;
    let mut tx = cx.parts.db.write().await?;
    clear(&mut tx, &subjects).await?;
    db::identity::set_password(&mut tx, user.id, &hash).await?;
    db::identity::end_other_sessions(&mut tx, user.id, session).await?;
    db::two_factor::end_pending(&mut tx, user.id).await?;
    audit::record(
        cx,
        &mut tx,
        Action::PasswordChange,
        Object::person(user.id, user.email.as_str()),
        Change::none(),
    )
    .await?;
    tx.commit().await?;
    Ok(())
}
