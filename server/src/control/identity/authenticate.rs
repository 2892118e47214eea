//! From what a request shows to who acts.

use std::sync::Arc;

use super::digest;
use crate::{
    control::Error,
    db::{self, Tx},
    deploy::parts::Parts,
    domain::{
        id::{SessionId, TeamId, TokenId, UserId},
        identity::{Actor, Token},
        project::Environment,
        right::{Access, Place, Right},
        sso::Through,
        team::NO_TEAM,
    },
};

/// What every token begins with, so that it is found where it does not belong.
pub const TOKEN: &str = "skep_";

/// By what somebody acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// A browser's session.
    Session(SessionId),
    /// An API token.
    Token(TokenId),
}

/// Who acts, by what, and what they may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub actor: Actor,
    /// By what.
    pub means: Means,
    /// What they may do in the team.
    pub access: Arc<Access>,
    /// By whose word they are signed in.
    pub through: Option<Through>,
    /// Their team does not show itself to this session: it wants the word of a provider of its own.
    pub closed: bool,
}

/// The caller with this cookie, if it belongs to a session that has not ended.
///
/// # Errors
/// The database.
pub async fn by_cookie(parts: &Parts, value: &str) -> Result<Option<Caller>, Error> {
    if !plausible(value) {
        return Ok(None);
    }
    let mut tx = parts.db.read().await?;
    let found = db::identity::session(&mut tx, &digest(value), parts.clock.now()).await?;
    let Some(db::identity::Found { session, owner, sso_only }) = found else { return Ok(None) };
    let (team, mut access, closed) = match session.through.and_then(|through| through.team) {
        Some(team) => {
            let (team, access) = one_team(&mut tx, session.user, team).await?;
            (team, access, false)
        }
        None => {
            let (team, access) = team_of(&mut tx, session.user, session.team, owner).await?;
            let only =
                if session.team == Some(team) { sso_only } else { db::sso::is_only(&mut tx, team).await? };
            // Its owners can mend a provider that is broken.
            let closed = only && !access.team().has(Right::Team);
            (team, access, closed)
        }
    };
    if closed {
        access = Access::nothing(owner);
    }
    Ok(Some(Caller {
        actor: Actor { user: session.user, team },
        means: Means::Session(session.id),
        access: Arc::new(access),
        through: session.through,
        closed,
    }))
}

/// What a person may do in the one team that a session is for, whatever else they are.
/// What the person of a session may do in a team; nothing, where the session does not count.
pub(in crate::control) async fn in_team(
    tx: &mut Tx,
    found: &db::identity::Found,
    team: TeamId,
) -> Result<Option<Access>, Error> {
    let user = found.session.user;
    if let Some(own) = found.session.through.and_then(|through| through.team) {
        return Ok(if own == team { Some(one_team(tx, user, team).await?.1) } else { None });
    }
    let access = db::team::access(tx, team, user, found.owner).await?;
    let closed = db::sso::is_only(tx, team).await? && !access.team().has(Right::Team);
    Ok(Some(access).filter(|_| !closed))
}

async fn one_team(tx: &mut Tx, user: UserId, team: TeamId) -> Result<(TeamId, Access), Error> {
    if !db::team::is_member(tx, team, user).await? {
        return Ok((NO_TEAM, Access::nothing(false)));
    }
    Ok((team, db::team::access(tx, team, user, false).await?))
}

/// The team that a person looks at, and what they may do there. Whoever was taken out of it looks
/// at another of theirs, or at none.
async fn team_of(
    tx: &mut Tx,
    user: UserId,
    wanted: Option<TeamId>,
    owner: bool,
) -> Result<(TeamId, Access), Error> {
    if let Some(team) = wanted {
        let access = db::team::access(tx, team, user, owner).await?;
        // A member may be without any role for a while.
        if !access.anywhere().is_empty() || db::team::is_member(tx, team, user).await? {
            return Ok((team, access));
        }
    }
    let Some(team) = db::team::of_person(tx, user).await?.into_iter().next() else {
        return Ok((NO_TEAM, Access::nothing(owner)));
    };
    Ok((team.id, db::team::access(tx, team.id, user, owner).await?))
}

/// The caller with this API token, if it has not ended and its person is still in its team. Its
/// use is noted once a minute.
///
/// # Errors
/// The database.
pub async fn by_token(parts: &Parts, value: &str) -> Result<Option<Caller>, Error> {
    if !value.strip_prefix(TOKEN).is_some_and(plausible) {
        return Ok(None);
    }
    let now = parts.clock.now();
    let mut tx = parts.db.read().await?;
    let found = db::identity::token(&mut tx, &digest(value), now).await?;
    let Some((token, owner)) = found else { return Ok(None) };
    let access = db::team::access(&mut tx, token.team, token.user, owner).await?;
    let access = narrowed(&mut tx, access, &token).await?;
    drop(tx);
    if token.used_at.is_none_or(|used| used < now - chrono::Duration::minutes(1)) {
        let mut tx = parts.db.write().await?;
        db::identity::use_token(&mut tx, token.id, now).await?;
        tx.commit().await?;
    }
    Ok(Some(Caller {
        actor: Actor { user: token.user, team: token.team },
        means: Means::Token(token.id),
        access: Arc::new(access),
        through: None,
        closed: false,
    }))
}

/// What a token leaves of what its person may do.
async fn narrowed(tx: &mut Tx, mut access: Access, token: &Token) -> Result<Access, Error> {
    if let Some(rights) = token.rights {
        access = access.limited(rights);
    }
    let Some(places) = &token.places else { return Ok(access) };
    let environments = db::project::environments(tx, token.team).await?;
    let named = |e: &&Environment| {
        places.contains(&Place::Project(e.project)) || places.contains(&Place::Environment(e.id))
    };
    let environments: Vec<_> = environments.iter().filter(named).map(|e| (e.project, e.id)).collect();
    let project = |place: &Place| match place {
        Place::Project(id) => Some(*id),
        Place::Team | Place::Environment(_) => None,
    };
    let projects: Vec<_> = places.iter().filter_map(project).collect();
    Ok(access.only_at(&projects, &environments))
}

/// The form of `Clock::token`: anything else need not be looked up.
fn plausible(value: &str) -> bool {
    value.len() == 43 && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
