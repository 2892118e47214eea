//! The certificate of the instance's own authority.

use super::super::{Ctx, Error};
use crate::db;

/// The certificate, PEM: what is installed to trust private names. None until a private domain needed it.
///
/// # Errors
/// The database.
pub async fn authority(cx: &Ctx) -> Result<Option<String>, Error> {
    let mut tx = cx.parts.db.read().await?;
    let found = db::own_certificate::authority(&mut tx).await?;
    Ok(found.map(|(certificate, _)| certificate))
}
