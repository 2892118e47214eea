//! Leads a host to an app.

use super::{COUNT, take, tell};
use crate::{
    control::{Ctx, Error, audit},
    db,
    deploy::dns_record,
    domain::{
        app::App,
        audit::{Action, Change, Object},
        certificate::{Challenge, Kind},
        domain_name::{Domain, PathPrefix},
        fault::Wrong,
        host_pattern::HostPattern,
        id::{AppId, DomainId, JobId},
        job::Work,
        right::Right,
        route::RouteOptions,
    },
};

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
        other_host: None,
        options: RouteOptions::default(),
        logins: Vec::new(),
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
    tell(cx).await;
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
    let name = new.host.challenge_name();
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

/// Writes a new domain, whose host becomes the app's.
///
/// # Errors
/// See [`take::host`]; host and path are there already.
pub(super) async fn insert(cx: &Ctx, tx: &mut db::Tx, app: &App, domain: &Domain) -> Result<(), Error> {
    let first = db::domain_name::of_app(tx, app.id).await?.is_empty();
    take::host(cx, tx, app, &domain.host, domain.generated).await?;
    if domain.https {
        take::want(cx, tx, &domain.host).await?;
    }
    db::domain_name::insert(tx, domain).await.map_err(take::twice)?;
    // The first domain brings what runs onto the edge network: settled, not deployed anew.
    if first {
        let work = Work::Settle { app: app.id, restart: false };
        db::job::enqueue(tx, JobId::new(&*cx.parts.clock), &work, &format!("app:{}", app.id)).await?;
    }
    Ok(())
}
