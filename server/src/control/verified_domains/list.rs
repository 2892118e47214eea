//! The domains that the team has proved, or is about to.

use crate::{
    control::{Ctx, Error},
    db,
    domain::{right::Right, verified_domain::VerifiedDomain},
};

/// All of them, by name.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn list(cx: &Ctx) -> Result<Vec<VerifiedDomain>, Error> {
    cx.allow_team(Right::Credentials)?;
    let mut tx = cx.parts.db.read().await?;
    Ok(db::verified_domain::list(&mut tx, cx.team()).await?)
}
