//! Leads a host to an app.

use super::{COUNT, take, tell};
use crate::{
    control::{Ctx, Error, audit},
    db,
    domain::{
        app::App,
        audit::{Action, Change, Object},
        domain_name::{Domain, Hostname, PathPrefix},
        fault::Wrong,
        id::{AppId, DomainId, JobId},
        job::Work,
        right::Right,
        route::RouteOptions,
    },
};

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

/// Adds a domain.
///
/// # Errors
/// [`Error::NotFound`]; another app has the host (whose, is not told); it is the platform's own;
/// host and path are there already.
pub async fn add(cx: &Ctx, id: AppId, new: NewDomain) -> Result<Domain, Error> {
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

/// Writes a new domain, whose host becomes the app's.
///
/// # Errors
/// See [`take::host`]; host and path are there already.
pub(super) async fn insert(cx: &Ctx, tx: &mut db::Tx, app: &App, domain: &Domain) -> Result<(), Error> {
    let first = db::domain_name::of_app(tx, app.id).await?.is_empty();
    take::host(cx, tx, app, &domain.host, domain.https).await?;
    db::domain_name::insert(tx, domain).await.map_err(take::twice)?;
    // The first domain brings what runs onto the edge network: settled, not deployed anew.
    if first {
        let work = Work::Settle { app: app.id, restart: false };
        db::job::enqueue(tx, JobId::new(&*cx.parts.clock), &work, &format!("app:{}", app.id)).await?;
    }
    Ok(())
}
