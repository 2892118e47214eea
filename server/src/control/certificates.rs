//! Certificates: what we have, and why not.

use super::{Ctx, Error, audit};
use crate::{
    bus::Hint,
    db,
    domain::{
        audit::{Action, Change, Object},
        certificate::Certificate,
        host_pattern::HostPattern,
        id::AppId,
        right::Right,
    },
};

/// The certificates of an app's hosts.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn of_app(cx: &Ctx, app: AppId) -> Result<Vec<Certificate>, Error> {
    let mut tx = cx.parts.db.read().await?;
    cx.app(&mut tx, app, Right::View).await?;
    let mut found = Vec::new();
    for domain in db::domain_name::of_app(&mut tx, app).await? {
        for host in [Some(&domain.host), domain.other_host.as_ref()].into_iter().flatten() {
            found.extend(db::acme::by_host(&mut tx, host).await?);
        }
    }
    found.dedup_by(|a, b| a.id == b.id);
    Ok(found)
}

/// Tries again now, rather than when it is due.
///
/// # Errors
/// [`Error::NotFound`]; too soon after the last try.
pub async fn retry(cx: &Ctx, app: AppId, host: &HostPattern) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    cx.app(&mut tx, app, Right::Configure).await?;
    let domains = db::domain_name::of_app(&mut tx, app).await?;
    let mine = domains.iter().any(|d| d.host == *host || d.other_host.as_ref() == Some(host));
    let found = if mine { db::acme::by_host(&mut tx, host).await? } else { None };
    let mut certificate = found.ok_or(Error::NotFound("certificate"))?;
    // A CA counts failed validations: five in an hour at most.
    let soon =
        certificate.tried_at.map(|tried| tried + chrono::Duration::minutes(12)).filter(|at| *at > cx.now());
    if let (Some(at), true) = (soon, certificate.failures > 0) {
        let seconds = (at - cx.now()).num_seconds().max(1);
        return Err(Error::Busy(seconds.unsigned_abs()));
    }
    certificate.next_try_at = cx.now();
    db::acme::save(&mut tx, &certificate).await?;
    audit::record(
        cx,
        &mut tx,
        Action::CertificateRetry,
        Object::new("certificate", certificate.id, host),
        Change::none(),
    )
    .await?;
    tx.commit().await?;
    cx.parts.bus.publish(Hint::Jobs).await;
    Ok(())
}

/// The certificate of the instance's own authority, PEM: what is installed to trust private names. None until
/// a private domain needed it.
///
/// # Errors
/// The database.
pub async fn authority(cx: &Ctx) -> Result<Option<String>, Error> {
    let mut tx = cx.parts.db.read().await?;
    let found = db::own_certificate::authority(&mut tx).await?;
    Ok(found.map(|(certificate, _)| certificate))
}
