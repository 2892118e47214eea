//! One domain of an app, with all that holds for it.

use crate::{
    control::{Ctx, Error},
    db,
    domain::{
        domain_name::Domain,
        id::{AppId, DomainId},
        right::Right,
    },
};

/// A domain of an app.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn show(cx: &Ctx, app: AppId, id: DomainId) -> Result<Domain, Error> {
    let mut tx = cx.parts.db.read().await?;
    cx.app(&mut tx, app, Right::View).await?;
    db::domain_name::find(&mut tx, app, id).await?.ok_or(Error::NotFound("domain"))
}
