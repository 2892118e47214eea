//! Looks at providers: all of them for who sets them up, their names for who signs in.

use super::{Of, allow};
use crate::{
    control::{Ctx, Error},
    db,
    deploy::parts::Parts,
    domain::{id::TeamId, name::DisplayName, sso::Provider},
};

/// The providers of the team, or of the instance, by name.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn list(cx: &Ctx, of: Of) -> Result<Vec<Provider>, Error> {
    allow(cx, of)?;
    let team = if of == Of::Team { Some(cx.team()) } else { None };
    let mut tx = cx.parts.db.read().await?;
    Ok(db::sso::providers(&mut tx, team).await?)
}

/// What a login page offers to anybody: the providers of the instance, or of the team that has this id,
/// with its name.
///
/// # Errors
/// [`Error::NotFound`] of a team without any.
pub async fn offered(
    parts: &Parts,
    team: Option<TeamId>,
) -> Result<(Option<DisplayName>, Vec<Provider>), Error> {
    let mut tx = parts.db.read().await?;
    let mut providers = db::sso::providers(&mut tx, team).await?;
    providers.retain(|provider| provider.enabled);
    let Some(team) = team else { return Ok((None, providers)) };
    let found = db::team::get(&mut tx, team).await?.filter(|_| !providers.is_empty());
    let team = found.ok_or(Error::NotFound("team"))?;
    Ok((Some(team.name), providers))
}
