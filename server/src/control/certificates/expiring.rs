//! Certificates that end soon and that nothing is done about: what alerts are about.

use super::super::{Ctx, Error};
use crate::{db, domain::certificate::Certificate};

/// Those of the instance that end `within` and for which no order is on its way, the first end first.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn expiring(cx: &Ctx, within: chrono::Duration) -> Result<Vec<Certificate>, Error> {
    cx.allow_instance()?;
    let mut tx = cx.parts.db.read().await?;
    Ok(db::acme::expiring(&mut tx, cx.now() + within).await?)
}
