//! Tries again now, rather than when it is due.

use super::{
    super::{Ctx, Error, audit},
    object, rested,
};
use crate::{
    bus::Hint,
    db::{self, Tx},
    domain::{
        audit::{Action, Change},
        certificate::Certificate,
        host_pattern::HostPattern,
        id::{AppId, CertificateId},
        right::Right,
    },
};

/// Tries again for a host of an app.
///
/// # Errors
/// [`Error::NotFound`]; too soon after the last try.
pub async fn retry(cx: &Ctx, app: AppId, host: &HostPattern) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    cx.app(&mut tx, app, Right::Configure).await?;
    let domains = db::domain_name::of_app(&mut tx, app).await?;
    let mine = domains.iter().any(|domain| domain.hosts().any(|mine| mine == host));
    let found = if mine { db::acme::by_host(&mut tx, host).await? } else { None };
    again(cx, tx, found.ok_or(Error::NotFound("certificate"))?).await
}

/// Tries again for a certificate.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`]; too soon after the last try.
pub async fn retry_one(cx: &Ctx, id: CertificateId) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    let row = cx.certificate(&mut tx, id, Right::Configure).await?;
    again(cx, tx, row).await
}

async fn again(cx: &Ctx, mut tx: Tx, mut row: Certificate) -> Result<(), Error> {
    rested(&row, cx.now())?;
    row.next_try_at = cx.now();
    db::acme::save(&mut tx, &row).await?;
    audit::record(cx, &mut tx, Action::CertificateRetry, object(&row), Change::none()).await?;
    tx.commit().await?;
    cx.parts.bus.publish(Hint::Jobs).await;
    Ok(())
}
