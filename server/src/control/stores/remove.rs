//! Names a store no longer.

use super::{object, refers, told};
use crate::{
    control::{Ctx, Error, audit},
    db,
    domain::{
        audit::{Action, Change},
        id::StoreId,
        right::Right,
    },
};

/// Variables that a refusal names.
const NAMED: usize = 10;

/// Removes a store that no variable refers to. What releases read from it stays with them.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`]; variables refer to it.
pub async fn remove(cx: &Ctx, id: StoreId) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    let store = cx.store(&mut tx, id, Right::Credentials).await?;
    let mut names = refers(cx, &mut tx, Some(&store.name), None).await?;
    if !names.is_empty() {
        let more = names.len().saturating_sub(NAMED);
        names.truncate(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let rule = format!("{}{more} refer to it: give these other values first", names.join(", "));
        return Err(Error::conflict("in_use", rule));
    }
    if !db::secret_store::remove(&mut tx, cx.team(), id).await? {
        return Err(Error::NotFound("store"));
    }
    audit::record(cx, &mut tx, Action::StoreRemove, object(&store), Change::gone(&told(&store))).await?;
    tx.commit().await?;
    Ok(())
}
