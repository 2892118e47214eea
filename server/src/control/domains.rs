//! Domains of apps: a host has one owner on the whole instance, and a change is served within
//! seconds, without a deployment, once the app is on the edge.

use super::{Ctx, Error, audit};
use crate::{
    bus::Hint,
    db,
    domain::{
        app::App,
        audit::{Action, Change, Object},
        domain_name::{Domain, Hostname, PathPrefix},
        fault::Wrong,
        id::{AppId, CertificateId, DomainId, JobId},
        job::Work,
        right::Right,
    },
};

/// Domains of one app at most.
const COUNT: usize = 100;

/// A domain as it is given.
#[derive(Debug, Clone)]
pub struct NewDomain {
    /// The host.
    pub host: Hostname,
    /// Requests under this path.
    pub path: PathPrefix,
    /// Take the path off before the app sees the request.
    pub strip: bool,
    /// The service, for a Compose app.
    pub service: Option<String>,
    /// The port in the container; the app's own if none.
    pub port: Option<u16>,
    /// Serve over HTTPS and redirect http.
    pub https: bool,
}

/// The domains of an app, oldest first.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn list(cx: &Ctx, app: AppId) -> Result<Vec<Domain>, Error> {
    let mut tx = cx.parts.db.read().await?;
    cx.app(&mut tx, app, Right::View).await?;
    Ok(db::domain_name::of_app(&mut tx, app).await?)
}

/// Adds a domain.
///
/// # Errors
/// [`Error::NotFound`]; another app has the host (whose, is not told); it is the platform's own;
/// host and path are there already.
pub async fn add(cx: &Ctx, id: AppId, new: NewDomain) -> Result<Domain, Error> {
    let mut tx = cx.parts.db.write().await?;
    let app = cx.app(&mut tx, id, Right::Configure).await?;
    let platform = db::setting::get(&mut tx, "public_host").await?;
    let own = cx.parts.instance.public_url.as_ref().and_then(url::Url::host_str);
    let base = base_domain(cx, &mut tx).await?;
    if [platform.as_deref(), own, base.as_deref()].contains(&Some(new.host.as_str())) {
        return Err(Error::conflict("reserved", "the platform itself uses this host; choose another"));
    }
    let port = new.port.or(app.settings.port).unwrap_or(8080);
    if port == 0 {
        return Err(Error::wrong("port", Wrong::new("must be 1 to 65535")));
    }
    if db::domain_name::of_app(&mut tx, id).await?.len() >= COUNT {
        return Err(Error::wrong(
            "host",
            Wrong::coded("quota", format!("an app has at most {COUNT} domains")),
        ));
    }
    let domain = Domain {
        id: DomainId::new(&*cx.parts.clock),
        app: id,
        host: new.host,
        path: new.path,
        strip: new.strip,
        service: new.service,
        port,
        https: new.https,
        generated: false,
        created_at: cx.now(),
    };
    insert(cx, &mut tx, &app, &domain).await?;
    audit::record(
        cx,
        &mut tx,
        Action::DomainAdd,
        Object::new("domain", domain.id, &domain.host).of_environment(app.environment),
        Change::none(),
    )
    .await?;
    tx.commit().await?;
    cx.parts.bus.publish(Hint::Edge).await;
    cx.parts.bus.publish(Hint::Jobs).await;
    Ok(domain)
}

/// Gives an app a host name of Skep's own making.
///
/// # Errors
/// [`Error::NotFound`]; the instance has no base domain; the app has the name already.
pub async fn generate_now(cx: &Ctx, id: AppId) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    let app = cx.app(&mut tx, id, Right::Configure).await?;
    if base_domain(cx, &mut tx).await?.is_none() {
        return Err(Error::conflict(
            "no_base_domain",
            "there is no base domain to make names below: set one in the instance's settings",
        ));
    }
    generate(cx, &mut tx, &app).await?;
    audit::record(cx, &mut tx, Action::DomainAdd, Object::app(&app), Change::none()).await?;
    tx.commit().await?;
    cx.parts.bus.publish(Hint::Edge).await;
    cx.parts.bus.publish(Hint::Jobs).await;
    Ok(())
}

/// Takes a domain away; its route is gone within seconds.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn remove(cx: &Ctx, app: AppId, id: DomainId) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    let of = cx.app(&mut tx, app, Right::Configure).await?;
    let gone = db::domain_name::remove(&mut tx, app, id).await?.ok_or(Error::NotFound("domain"))?;
    audit::record(
        cx,
        &mut tx,
        Action::DomainRemove,
        Object::new("domain", id, gone.host).of_environment(of.environment),
        Change::none(),
    )
    .await?;
    tx.commit().await?;
    cx.parts.bus.publish(Hint::Edge).await;
    Ok(())
}

/// Gives a new app its first host name, if the instance has a base domain.
pub(super) async fn generate(cx: &Ctx, tx: &mut db::Tx, app: &App) -> Result<(), Error> {
    let Some(base) = base_domain(cx, tx).await? else { return Ok(()) };
    let Ok(host) = Hostname::parse(&format!("{}.{base}", app.stack)) else { return Ok(()) };
    let path = PathPrefix::parse("/").map_err(|wrong| Error::wrong("path", wrong))?;
    let domain = Domain {
        id: DomainId::new(&*cx.parts.clock),
        app: app.id,
        host,
        path,
        strip: false,
        service: None,
        port: app.settings.port.unwrap_or(8080),
        https: true,
        generated: true,
        created_at: cx.now(),
    };
    insert(cx, tx, app, &domain).await
}

/// The domain below which host names are generated, if there is one.
async fn base_domain(cx: &Ctx, tx: &mut db::Tx) -> Result<Option<String>, Error> {
    Ok(db::setting::get(tx, "base_domain").await?.or_else(|| cx.parts.instance.base_domain.clone()))
}

async fn insert(cx: &Ctx, tx: &mut db::Tx, app: &App, domain: &Domain) -> Result<(), Error> {
    let first = db::domain_name::of_app(tx, app.id).await?.is_empty();
    for parent in domain.host.parents() {
        if db::domain_name::proven_elsewhere(tx, parent, app.team).await? {
            return Err(Error::conflict(
                "domain_taken",
                "this host lies below one that somebody else has proved to be theirs; choose another",
            ));
        }
    }
    if db::domain_name::own(tx, &domain.host, app.id).await? != Some(app.id) {
        return Err(Error::conflict("domain_taken", "another app has this host"));
    }
    db::domain_name::insert(tx, domain).await.map_err(|e| {
        if db::is_duplicate(&e) {
            Error::conflict("domain_taken", "the app has this host and path already")
        } else {
            e.into()
        }
    })?;
    if domain.https {
        let directory = &cx.parts.instance.acme_directory;
        db::acme::want(tx, CertificateId::new(&*cx.parts.clock), &domain.host, directory, cx.now()).await?;
    }
    // The first domain brings what runs onto the edge network: settled, not deployed anew.
    if first {
        let work = Work::Settle { app: app.id, restart: false };
        db::job::enqueue(tx, JobId::new(&*cx.parts.clock), &work, &format!("app:{}", app.id)).await?;
    }
    Ok(())
}
