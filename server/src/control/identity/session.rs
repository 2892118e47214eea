//! Begins a session, or lets somebody wait for the second step.

use std::net::IpAddr;

use super::digest;
use crate::{
    control::{Ctx, Error, audit},
    db::{self, Tx},
    deploy::parts::Parts,
    domain::{
        audit::{Action, INSTANCE, Object, Who},
        id::{SessionId, UserId},
        identity::{Session, User},
        secret::Secret,
        sso::Through,
        team::NO_TEAM,
    },
};

/// A session ends after this, however busy it is.
pub const LIFE: chrono::Duration = chrono::Duration::days(14);
/// One by the word of a provider ends sooner: whoever is put out there is out here soon after.
const VOUCHED: chrono::Duration = chrono::Duration::hours(12);
/// The code must have come by then.
const PENDING: chrono::Duration = chrono::Duration::minutes(5);
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

impl SignedIn {
    /// Says in the audit log that they signed in, and from where.
    pub(in crate::control) async fn record(
        &self,
        parts: &Parts,
        tx: &mut Tx,
        from: IpAddr,
    ) -> Result<(), Error> {
        let who = Who { address: Some(from), ..Who::default() };
        let team = self.session.team.unwrap_or(INSTANCE);
        let by = match self.session.through {
            Some(through) => db::sso::provider(tx, through.provider).await?,
            None => None,
        };
        let object =
            Object::new("session", self.session.id, by.map(|by| by.name.to_string()).unwrap_or_default());
        let person = (self.user.id, &self.user.email);
        audit::record_of(parts, tx, person, (team, who), Action::SessionBegin, object).await
    }
}

/// How far somebody came who showed a password.
#[derive(Debug)]
pub enum Entry {
    /// They are signed in.
    SignedIn(Box<SignedIn>),
    /// They have to show a code; with this the browser goes on. It is no session.
    SecondStep(Secret),
}

/// A session for whoever has no second step; anybody else has to wait for it.
pub(in crate::control) async fn enter(
    parts: &Parts,
    tx: &mut Tx,
    user: User,
    agent: &str,
) -> Result<Entry, Error> {
    enter_through(parts, tx, user, agent, None).await
}

/// The same by the word of a provider. One of a team proves enough for that team; who comes to their
/// whole account shows their code all the same.
pub(in crate::control) async fn enter_through(
    parts: &Parts,
    tx: &mut Tx,
    user: User,
    agent: &str,
    through: Option<Through>,
) -> Result<Entry, Error> {
    let narrow = through.is_some_and(|through| through.team.is_some());
    if narrow || !db::two_factor::is_on(tx, user.id).await? {
        return Ok(Entry::SignedIn(Box::new(begin_through(parts, tx, user, agent, through).await?)));
    }
    let pending = Secret::new(parts.clock.token());
    let until = parts.clock.now() + PENDING;
    let provider = through.map(|through| through.provider);
    db::two_factor::insert_pending(tx, &digest(pending.expose()), user.id, provider, until).await?;
    Ok(Entry::SecondStep(pending))
}

/// Ends all sessions of the actor, and begins theirs anew, where they looked.
pub(super) async fn rotate(cx: &Ctx, tx: &mut Tx, user: User, agent: &str) -> Result<SignedIn, Error> {
    db::identity::end_sessions(tx, user.id).await?;
    db::two_factor::end_pending(tx, user.id).await?;
    let signed_in = begin(&cx.parts, tx, user, agent).await?;
    let team = Some(cx.team()).filter(|team| *team != NO_TEAM);
    db::identity::look_at(tx, signed_in.session.id, team).await?;
    Ok(signed_in)
}

/// Ends the session that the browser had before.
pub(in crate::control) async fn end_old(
    parts: &Parts,
    tx: &mut Tx,
    cookie: Option<&str>,
) -> Result<(), Error> {
    if let Some(old) = cookie
        && let Some(found) = db::identity::session(tx, &digest(old), parts.clock.now()).await?
    {
        db::identity::end_session(tx, found.session.user, found.session.id).await?;
    }
    Ok(())
}

/// Makes a session with a new id and secret.
pub(in crate::control) async fn begin(
    parts: &Parts,
    tx: &mut Tx,
    user: User,
    agent: &str,
) -> Result<SignedIn, Error> {
    begin_through(parts, tx, user, agent, None).await
}

/// The same by the word of a provider.
pub(in crate::control) async fn begin_through(
    parts: &Parts,
    tx: &mut Tx,
    user: User,
    agent: &str,
    through: Option<Through>,
) -> Result<SignedIn, Error> {
    // Nothing leads here that was not shown by a person; what might one day, ends here.
    if user.service.is_some() {
        let rule = "a service account does not sign in; it acts by its API tokens";
        return Err(Error::Forbidden(rule.to_owned()));
    }
    let clock = &*parts.clock;
    let now = clock.now();
    let cookie = Secret::new(clock.token());
    let teams = db::team::of_person(tx, user.id).await?;
    let session = Session {
        id: SessionId::new(clock),
        user: user.id,
        team: through.and_then(|through| through.team).or(teams.first().map(|team| team.id)),
        created_at: now,
        expires_at: now + if through.is_some() { VOUCHED } else { LIFE },
        agent: agent.chars().filter(|c| !c.is_control()).take(200).collect(),
        through,
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
