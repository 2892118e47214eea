//! Asks a store whether it takes the credentials.

use crate::{
    control::{Ctx, Error},
    deploy::stored,
    domain::{fault::Wrong, id::StoreId, right::Right},
};

/// Asks the store now; no value is read. `Err` within is what it says instead.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`].
pub async fn check(cx: &Ctx, id: StoreId) -> Result<Result<(), Wrong>, Error> {
    let mut tx = cx.parts.db.read().await?;
    let store = cx.store(&mut tx, id, Right::Credentials).await?;
    drop(tx);
    let opened = match stored::open(&cx.parts, &store) {
        Ok(opened) => opened,
        Err(wrong) => return Ok(Err(wrong)),
    };
    Ok(opened.check().await.map_err(|error| Wrong::coded(error.code(), error.to_string())))
}
