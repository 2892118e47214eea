//! The gate before an app: which people of Skep's may visit a domain that asks them to sign in.
//!
//! Asked with each request of a visitor, so that whoever signs out, or loses a role, is out at once.

use super::{Error, identity};
use crate::{
    db,
    deploy::parts::Parts,
    domain::{
        domain_name::Domain,
        id::{DomainId, SessionId},
        name::Email,
        right::{Place, Right},
    },
};

/// What the gate says of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visit {
    /// They may, and are called so.
    Welcome(Email),
    /// They are known, and may not.
    Refused,
    /// The session is over, or there is no such domain.
    Unknown,
}

/// Whether the person of a session may visit a domain now.
///
/// # Errors
/// The database.
pub async fn visit(parts: &Parts, session: SessionId, domain: DomainId) -> Result<Visit, Error> {
    let mut tx = parts.db.read().await?;
    let Some(domain) = db::domain_name::one(&mut tx, domain).await? else { return Ok(Visit::Unknown) };
    let Some((team, environment)) = db::domain_name::place(&mut tx, &domain.host).await? else {
        return Ok(Visit::Unknown);
    };
    let Some(found) = db::identity::session_of(&mut tx, session, parts.clock.now()).await? else {
        return Ok(Visit::Unknown);
    };
    let user = found.session.user;
    let right = domain.options.sign_in.map_or(Right::View, |sign_in| sign_in.right);
    let access = identity::in_team(&mut tx, &found, team).await?;
    if !access.is_some_and(|access| access.at(Place::Environment(environment)).has(right)) {
        return Ok(Visit::Refused);
    }
    Ok(db::identity::user(&mut tx, user).await?.map_or(Visit::Unknown, |user| Visit::Welcome(user.email)))
}

/// A domain that asks its visitors to sign in.
///
/// # Errors
/// [`Error::NotFound`]: there is none, or it asks nobody.
pub async fn domain(parts: &Parts, id: DomainId) -> Result<Domain, Error> {
    let mut tx = parts.db.read().await?;
    let found = db::domain_name::one(&mut tx, id).await?;
    found.filter(|domain| domain.options.sign_in.is_some()).ok_or(Error::NotFound("domain"))
}
