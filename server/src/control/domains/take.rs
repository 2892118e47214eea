//! A host becomes an app's: nobody else's, not the platform's, and not below what another team proved
//! to be theirs.

use crate::{
    control::{
        Ctx, Error,
        verified_domains::{Ownership, ownership},
    },
    db,
    domain::{app::App, fault::Wrong, host_pattern::HostPattern, id::CertificateId},
};

/// Takes a host for an app; `generated` ones lie below the platform's own name, which nobody proves.
///
/// # Errors
/// It is the platform's; another app has it (whose, is not told), another team has proved the one above, or
/// nobody has and it is a wildcard.
pub(super) async fn host(
    cx: &Ctx,
    tx: &mut db::Tx,
    app: &App,
    host: &HostPattern,
    generated: bool,
) -> Result<(), Error> {
    let platform = db::setting::get(tx, "public_host").await?;
    let own = cx.parts.instance.public_url.as_ref().and_then(url::Url::host_str);
    let base = base_domain(cx, tx).await?;
    if [platform.as_deref(), own, base.as_deref()].contains(&Some(host.base())) {
        return Err(Error::conflict("reserved", "the platform itself uses this host; choose another"));
    }
    match ownership(tx, host, app.team).await? {
        Ownership::Theirs(name) if !generated => {
            let lies = if name == host.base() { "at" } else { "below" };
            return Err(Error::conflict(
                "domain_taken",
                format!(
                    "this host lies {lies} one that somebody else has proved to be theirs: choose another, or prove that {base} is yours (`skep domains verify {base}`)",
                    base = host.base(),
                ),
            ));
        }
        Ownership::Open if host.is_wildcard() && !host.is_private() => {
            let rule = format!(
                "must be below a domain that the team has proved to be theirs: prove {base} first (`skep domains verify {base}`)",
                base = host.base(),
            );
            return Err(Error::wrong("host", Wrong::coded("ownership_unproven", rule)));
        }
        _ => {}
    }
    if db::domain_name::own(tx, host, app.id).await? != Some(app.id) {
        return Err(Error::conflict("domain_taken", "another app has this host"));
    }
    Ok(())
}

/// Asks for a certificate, if there is none on its way.
///
/// # Errors
/// The database's.
pub(super) async fn want(cx: &Ctx, tx: &mut db::Tx, host: &HostPattern) -> Result<(), Error> {
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
