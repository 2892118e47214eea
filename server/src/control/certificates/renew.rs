//! Asks for a new certificate now, whatever the dates of the old one say.

use super::{
    super::{Ctx, Error, audit},
    object, rested,
};
use crate::{
    bus::Hint,
    db,
    domain::{
        audit::{Action, Change},
        id::CertificateId,
        right::Right,
    },
};

/// Renews now. The old one is served until there is a new one, and the CA's limits count.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`]; too soon after the last try.
pub async fn renew(cx: &Ctx, id: CertificateId) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    let mut row = cx.certificate(&mut tx, id, Right::Configure).await?;
    rested(&row, cx.now())?;
    row.plan.forced = true;
    row.next_try_at = cx.now();
    db::acme::save(&mut tx, &row).await?;
    audit::record(cx, &mut tx, Action::CertificateRenew, object(&row), Change::none()).await?;
    tx.commit().await?;
    cx.parts.bus.publish(Hint::Jobs).await;
    Ok(())
}
