//! The domains of an app.

use crate::{
    control::{Ctx, Error},
    db,
    domain::{domain_name::Domain, id::AppId, right::Right},
};

/// The domains of an app, oldest first.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn list(cx: &Ctx, app: AppId) -> Result<Vec<Domain>, Error> {
    let mut tx = cx.parts.db.read().await?;
    cx.app(&mut tx, app, Right::View).await?;
    Ok(db::domain_name::of_app(&mut tx, app).await?)
}
