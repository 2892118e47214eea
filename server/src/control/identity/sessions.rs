//! Looks at sessions and ends them.

use super::{Caller, Means};
use crate::{
    control::{Ctx, Error, audit},
    db,
    domain::{
        audit::{Action, Change, Object},
        id::SessionId,
        identity::Session,
    },
};

/// The actor's sessions, newest first.
///
/// # Errors
/// The database.
pub async fn sessions(cx: &Ctx) -> Result<Vec<Session>, Error> {
    let mut tx = cx.parts.db.read().await?;
    let mut found = db::identity::sessions(&mut tx, cx.actor.user, cx.now()).await?;
    found.retain(|session| within(cx, session));
    Ok(found)
}

/// Whether a session is the asker's to see: whom a team's provider vouches for sees what it began.
fn within(cx: &Ctx, session: &Session) -> bool {
    cx.through.is_none_or(|through| through.team.is_none() || session.through == Some(through))
}

/// Ends one of the actor's sessions.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn end_session(cx: &Ctx, id: SessionId) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    let theirs = db::identity::sessions(&mut tx, cx.actor.user, cx.now()).await?;
    if !theirs.iter().any(|session| session.id == id && within(cx, session)) {
        return Err(Error::NotFound("session"));
    }
    if !db::identity::end_session(&mut tx, cx.actor.user, id).await? {
        return Err(Error::NotFound("session"));
    }
    audit::record(cx, &mut tx, Action::SessionEnd, Object::new("session", id, ""), Change::none()).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends what the caller acts by: their session, or their token.
///
/// # Errors
/// The database.
pub async fn logout(cx: &Ctx, caller: &Caller) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    let ended = match caller.means {
        Means::Session(id) => {
            db::identity::end_session(&mut tx, caller.actor.user, id).await?;
            Object::new("session", id, "")
        }
        Means::Token(id) => {
            db::identity::end_token(&mut tx, caller.actor.user, id).await?;
            Object::token(id, "")
        }
    };
    audit::record(cx, &mut tx, Action::SessionEnd, ended, Change::none()).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends all sessions of the actor.
///
/// # Errors
/// The database.
pub async fn sign_out_everywhere(cx: &Ctx) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    match cx.through.filter(|through| through.team.is_some()) {
        Some(through) => db::sso::end_sessions_of(&mut tx, through.provider, cx.actor.user).await?,
        None => db::identity::end_sessions(&mut tx, cx.actor.user).await?,
    }
    audit::record(cx, &mut tx, Action::SessionEnd, Object::new("session", "", "all"), Change::none()).await?;
    tx.commit().await?;
    Ok(())
}
