//! The certificates that the team brought along.

use crate::{
    control::{Ctx, Error},
    db,
    domain::{certificate::OwnCertificate, right::Right},
};

/// All of them, the one that lasts longest first.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn list(cx: &Ctx) -> Result<Vec<OwnCertificate>, Error> {
    cx.allow_team(Right::Credentials)?;
    let mut tx = cx.parts.db.read().await?;
    Ok(db::own_certificate::list(&mut tx, cx.team()).await?)
}
