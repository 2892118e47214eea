//! Lists certificates.

use super::super::{Ctx, Error};
use crate::{
    db,
    domain::{
        certificate::Certificate,
        host_pattern::HostPattern,
        id::{AppId, CertificateId},
        right::{Place, Right},
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
        for host in domain.hosts() {
            found.extend(db::acme::by_host(&mut tx, host).await?);
        }
    }
    found.dedup_by(|a, b| a.id == b.id);
    Ok(found)
}

/// A certificate with whose it is.
#[derive(Debug, Clone)]
pub struct Mine {
    /// The certificate.
    pub row: Certificate,
    /// The app of its host; none for the platform's own.
    pub app: Option<AppId>,
    /// Whether the caller may configure it.
    pub may: bool,
}

/// The certificates of all hosts of the team that the caller sees, by host; for the owner of the
/// instance the platform's own comes first.
///
/// # Errors
/// The database.
pub async fn of_team(cx: &Ctx) -> Result<Vec<Mine>, Error> {
    let mut tx = cx.parts.db.read().await?;
    let mut found = Vec::new();
    if cx.access.instance()
        && let Some(host) = db::setting::get(&mut tx, "public_host").await?
        && let Ok(host) = HostPattern::parse(&host)
    {
        found.extend(db::acme::by_host(&mut tx, &host).await?.map(|row| Mine { row, app: None, may: true }));
    }
    let owners = db::domain_name::owners(&mut tx, cx.team()).await?;
    for row in db::acme::of_team(&mut tx, cx.team()).await? {
        let owner = owners.iter().find(|owner| owner.host == row.host);
        if let Some(owner) = owner.filter(|owner| cx.access.sees(owner.environment)) {
            let may = cx.allow(Place::Environment(owner.environment), Right::Configure).is_ok();
            found.push(Mine { row, app: Some(owner.app), may });
        }
    }
    Ok(found)
}

/// All certificates of the instance, by host.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn of_instance(cx: &Ctx) -> Result<Vec<Certificate>, Error> {
    cx.allow_instance()?;
    let mut tx = cx.parts.db.read().await?;
    Ok(db::acme::all(&mut tx).await?)
}

/// One certificate.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn show(cx: &Ctx, id: CertificateId) -> Result<Certificate, Error> {
    let mut tx = cx.parts.db.read().await?;
    cx.certificate(&mut tx, id, Right::View).await
}
