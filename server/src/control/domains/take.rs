//! A host becomes an app's: nobody else's, not the platform's, and not below what another team proved
//! to be theirs.

use crate::{
    control::{Ctx, Error},
    db,
    domain::{app::App, domain_name::Hostname, id::CertificateId},
};

/// Takes a host for an app; with `https` a certificate is wanted for it.
///
/// # Errors
/// It is the platform's; another app has it (whose, is not told), or another team has proved the one above.
pub(super) async fn host(
    cx: &Ctx,
    tx: &mut db::Tx,
    app: &App,
    host: &Hostname,
    https: bool,
) -> Result<(), Error> {
    let platform = db::setting::get(tx, "public_host").await?;
    let own = cx.parts.instance.public_url.as_ref().and_then(url::Url::host_str);
    let base = base_domain(cx, tx).await?;
    if [platform.as_deref(), own, base.as_deref()].contains(&Some(host.as_str())) {
        return Err(Error::conflict("reserved", "the platform itself uses this host; choose another"));
    }
    for parent in host.parents() {
        if db::domain_name::proven_elsewhere(tx, parent, app.team).await? {
            return Err(Error::conflict(
                "domain_taken",
                "this host lies below one that somebody else has proved to be theirs; choose another",
            ));
        }
    }
    if db::domain_name::own(tx, host, app.id).await? != Some(app.id) {
        return Err(Error::conflict("domain_taken", "another app has this host"));
    }
    if https {
        want(cx, tx, host).await?;
    }
    Ok(())
}

/// Asks for a certificate, if there is none on its way.
///
/// # Errors
/// The database's.
pub(super) async fn want(cx: &Ctx, tx: &mut db::Tx, host: &Hostname) -> Result<(), Error> {
    let directory = &cx.parts.instance.acme_directory;
    Ok(db::acme::want(tx, CertificateId::new(&*cx.parts.clock), host, directory, cx.now()).await?)
}

/// The domain below which host names are generated, if there is one.
///
/// # Errors
/// The database's.
pub(super) async fn base_domain(cx: &Ctx, tx: &mut db::Tx) -> Result<Option<String>, Error> {
    Ok(db::setting::get(tx, "base_domain").await?.or_else(|| cx.parts.instance.base_domain.clone()))
}

/// Two domains of the same place are a conflict.
pub(super) fn twice(error: db::DbError) -> Error {
    if db::is_duplicate(&error) {
        Error::conflict("domain_taken", "the app has this host and path already")
    } else {
        error.into()
    }
}
