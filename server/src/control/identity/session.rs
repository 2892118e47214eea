//! Begins a session.

use super::digest;
use crate::{
    control::Error,
    db::{self, Tx},
    deploy::parts::Parts,
    domain::{
        id::{SessionId, UserId},
        identity::{Session, User},
        secret::Secret,
    },
};

/// A session ends after this, however busy it is.
pub const LIFE: chrono::Duration = chrono::Duration::days(14);
/// The place for which the sign of a known browser is sealed.
const KNOWN: &str = "known browser";

/// A fresh session.
#[derive(Debug)]
pub struct SignedIn {
    /// Who.
    pub user: User,
    /// The session.
    pub session: Session,
    /// What the browser shows from now on; told this once.
    pub cookie: Secret,
    /// By what the browser is known to have signed in to this account before.
    pub known: Secret,
}

/// Makes a session with a new id and secret.
pub(in crate::control) async fn begin(
    parts: &Parts,
    tx: &mut Tx,
    user: User,
    agent: &str,
) -> Result<SignedIn, Error> {
    let clock = &*parts.clock;
    let now = clock.now();
    let cookie = Secret::new(clock.token());
    let teams = db::team::of_person(tx, user.id).await?;
    let session = Session {
        id: SessionId::new(clock),
        user: user.id,
        team: teams.first().map(|team| team.id),
        created_at: now,
        expires_at: now + LIFE,
        agent: agent.chars().filter(|c| !c.is_control()).take(200).collect(),
    };
    db::identity::insert_session(tx, &session, &digest(cookie.expose())).await?;
    db::identity::sweep_sessions(tx, now).await?;
    let known = Secret::new(hex::encode(parts.seal.seal(clock, KNOWN, user.id.uuid().as_bytes())));
    Ok(SignedIn { user, session, cookie, known })
}

/// Whether `known` was given to a browser that signed in as this person.
pub(super) fn is_known(parts: &Parts, known: &str, user: UserId) -> bool {
    let opened = hex::decode(known).ok().and_then(|sealed| parts.seal.open(KNOWN, &sealed).ok());
    opened.as_deref() == Some(user.uuid().as_bytes().as_slice())
}
