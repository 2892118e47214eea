//! Lists directories.

use super::super::{Ctx, Error};
use crate::{acme::choice::Listed, db};

/// All that were entered, in their order: whoever may choose one for their hosts has to see them.
///
/// # Errors
/// The database.
pub async fn list(cx: &Ctx) -> Result<Vec<Listed>, Error> {
    let mut tx = cx.parts.db.read().await?;
    Ok(db::acme_directory::list(&mut tx).await?)
}
