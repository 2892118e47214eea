//! A host name of Skep's own making, for a first try.

use super::{add::insert, take::base_domain, tell};
use crate::{
    control::{Ctx, Error, audit},
    db,
    domain::{
        app::App,
        audit::{Action, Change, Object},
        domain_name::{Domain, Hostname, PathPrefix},
        id::{AppId, DomainId},
        outbound::Outbound,
        right::Right,
        route::RouteOptions,
    },
};

/// Gives an app a host name of Skep's own making.
///
/// # Errors
/// [`Error::NotFound`]; the instance has no base domain; the app has the name already.
pub async fn generate_now(cx: &Ctx, id: AppId) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    let app = cx.app(&mut tx, id, Right::Configure).await?;
    if below(cx, &mut tx).await?.is_none() {
        return Err(Error::conflict(
            "no_base_domain",
            "there is no base domain to make names below: set one in the instance's settings, or `SKEP_PUBLIC_ADDRESS`",
        ));
    }
    generate(cx, &mut tx, &app).await?;
    audit::record(cx, &mut tx, Action::DomainAdd, Object::app(&app), Change::none()).await?;
    tx.commit().await?;
    tell(cx).await;
    Ok(())
}

/// Gives a new app its first host name, if there is something to make it below.
///
/// # Errors
/// See [`insert`].
pub(in crate::control) async fn generate(cx: &Ctx, tx: &mut db::Tx, app: &App) -> Result<(), Error> {
    let Some(below) = below(cx, tx).await? else { return Ok(()) };
    let Ok(host) = Hostname::parse(&format!("{}{below}", app.stack)) else { return Ok(()) };
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
        other_host: None,
        options: RouteOptions::default(),
        logins: Vec::new(),
        created_at: cx.now(),
    };
    insert(cx, tx, app, &domain).await
}

/// What a generated name ends with: `.apps.example.org`, or, without a base domain,
/// `.203-0-113-7.sslip.io`, a public name that leads to the address within it.
async fn below(cx: &Ctx, tx: &mut db::Tx) -> Result<Option<String>, Error> {
    if let Some(base) = base_domain(cx, tx).await? {
        return Ok(Some(format!(".{base}")));
    }
    let instance = &cx.parts.instance;
    // A private one leads to somebody else's machine, and no authority reaches it.
    let public = Outbound::default();
    let mut addresses = instance.public_addresses.iter();
    let address = addresses.find(|address| address.is_ipv4() && public.allows(**address));
    Ok(address
        .filter(|_| instance.address_names)
        .map(|address| format!(".{}.sslip.io", address.to_string().replace('.', "-"))))
}
