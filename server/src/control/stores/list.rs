//! The stores that the caller may see.

use crate::{
    control::{Ctx, Error},
    db,
    domain::{right::Right, store::Store},
};

/// The stores of places where the caller has the right to give credentials, by name.
///
/// # Errors
/// The database.
pub async fn list(cx: &Ctx) -> Result<Vec<Store>, Error> {
    let mut tx = cx.parts.db.read().await?;
    let mut all = db::secret_store::list(&mut tx, cx.team()).await?;
    all.retain(|store| cx.access.at(store.place).has(Right::Credentials));
    Ok(all)
}
