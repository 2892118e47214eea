//! Domains of apps: a host has one owner on the whole instance, and a change is served within
//! seconds, without a deployment, once the app is on the edge.

use super::{
    Ctx, Error, audit,
    verified_domains::{Ownership, ownership},
};
use crate::{
    bus::Hint,
    db,
    deploy::dns_record,
    domain::{
        app::App,
        audit::{Action, Change, Object},
        certificate::{Challenge, Kind},
        domain_name::{Domain, Hostname, PathPrefix},
        fault::Wrong,
        host_pattern::HostPattern,
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
    /// The host, or all of one label below a name.
    pub host: HostPattern,
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
    /// How an authority is shown that the host is ours; a wildcard has no choice.
    pub challenge: Challenge,
    /// The name is private to a network: the instance's own authority speaks for it.
    pub private: bool,
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
    fits(&new)?;
    provable(cx, id, &new).await?;
    let mut tx = cx.parts.db.write().await?;
    let app = cx.app(&mut tx, id, Right::Configure).await?;
    let platform = db::setting::get(&mut tx, "public_host").await?;
    let own = cx.parts.instance.public_url.as_ref().and_then(url::Url::host_str);
    let base = base_domain(cx, &mut tx).await?;
    if [platform.as_deref(), own, base.as_deref()].contains(&Some(new.host.base())) {
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
    if domain.https {
        let kind = if new.private { Kind::Internal } else { Kind::Acme };
        db::acme::choose(&mut tx, &domain.host, kind, new.challenge).await?;
    }
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

/// Whether the host is of the kind that it is said to be.
fn fits(new: &NewDomain) -> Result<(), Error> {
    let wrong = |field: &str, rule: &str| Err(Error::wrong(field, Wrong::coded("invalid_host", rule)));
    match (new.host.is_private(), new.private) {
        (true, false) => wrong(
            "host",
            "must be a public host name with a domain, not an address and not a local name; a name below `.internal` or `.local` must be marked as private",
        ),
        (false, true) => {
            wrong("private", "is for names below `.internal` or `.local` alone: leave it out for this host")
        }
        _ => Ok(()),
    }
}

/// Whether there is a DNS provider, where the host can be proved by its DNS alone.
async fn provable(cx: &Ctx, id: AppId, new: &NewDomain) -> Result<(), Error> {
    let by_dns = new.host.is_wildcard() || new.challenge == Challenge::Dns;
    if !by_dns || !new.https || new.private {
        return Ok(());
    }
    let mut tx = cx.parts.db.read().await?;
    let app = cx.app(&mut tx, id, Right::Configure).await?;
    drop(tx);
    let name = format!("_acme-challenge.{}", new.host.base());
    if dns_record::provider_for(&cx.parts, app.team, app.environment, &name).await?.is_some() {
        return Ok(());
    }
    let field = if new.host.is_wildcard() { "host" } else { "challenge" };
    let rule = format!(
        "needs a DNS provider for {}, as its certificate is proved by a record there: name one for the team, the project or the environment (`skep dns create`)",
        new.host.base()
    );
    Err(Error::wrong(field, Wrong::coded("dns_provider_missing", rule)))
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
        host: host.into(),
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
    match ownership(tx, &domain.host, app.team).await? {
        Ownership::Theirs(name) if !domain.generated => {
            let lies = if name == domain.host.base() { "at" } else { "below" };
            return Err(Error::conflict(
                "domain_taken",
                format!(
                    "this host lies {lies} one that somebody else has proved to be theirs: choose another, or prove that {} is yours (`skep domains verify {}`)",
                    domain.host.base(),
                    domain.host.base(),
                ),
            ));
        }
        Ownership::Open if domain.host.is_wildcard() && !domain.host.is_private() => {
            let rule = format!(
                "must be below a domain that the team has proved to be theirs: prove {} first (`skep domains verify {}`)",
                domain.host.base(),
                domain.host.base(),
            );
            return Err(Error::wrong("host", Wrong::coded("ownership_unproven", rule)));
        }
        _ => {}
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
