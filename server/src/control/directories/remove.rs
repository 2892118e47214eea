//! Removes a directory from the list.

use super::{
    super::{Ctx, Error, audit},
    object, told,
};
use crate::{
    db,
    domain::{
        audit::{Action, Change},
        id::DirectoryId,
    },
};

/// Removes a directory that nothing has chosen. Its account stays, as certificates may come from it.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`]; certificates or environments have chosen it.
pub async fn remove(cx: &Ctx, id: DirectoryId) -> Result<(), Error> {
    cx.allow_instance()?;
    let mut tx = cx.parts.db.write().await?;
    let listed = db::acme_directory::get(&mut tx, id).await?.ok_or(Error::NotFound("directory"))?;
    let chosen = db::acme_directory::chosen(&mut tx, listed.address.as_str()).await?;
    if chosen > 0 {
        let rule =
            format!("{chosen} certificates or environments have chosen it: choose another for these first");
        return Err(Error::conflict("in_use", rule));
    }
    db::acme_directory::remove(&mut tx, id).await?;
    audit::record(cx, &mut tx, Action::DirectoryRemove, object(&listed), Change::gone(&told(&listed)))
        .await?;
    tx.commit().await?;
    Ok(())
}
