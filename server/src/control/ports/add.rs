//! Leads a public port to an app.

use crate::{
    bus::Hint,
    control::{Ctx, Error, audit},
    db,
    domain::{
        app::{Build, Source},
        audit::{Action, Change, Object},
        domain_name::Hostname,
        fault::Wrong,
        id::{AppId, JobId, PortId},
        job::Work,
        port::{PortTls, Protocol, PublicPort},
        right::Right,
        route::Ranges,
    },
};

/// A public port as it is given.
#[derive(Debug, Clone)]
pub struct NewPort {
    /// What is spoken.
    pub protocol: Protocol,
    /// The port of the instance.
    pub public: u16,
    /// The service, for a Compose app.
    pub service: Option<String>,
    /// The port in the container.
    pub port: u16,
    /// Who speaks TLS.
    pub tls: Option<PortTls>,
    /// The host that visitors must name in TLS.
    pub host: Option<Hostname>,
    /// Only visitors from these addresses.
    pub allow: Option<Ranges>,
}

/// Adds a public port.
///
/// # Errors
/// [`Error::NotFound`]; the instance has no such port; another app has it (whose, is not told); fields that
/// do not go together.
pub async fn add(cx: &Ctx, id: AppId, new: NewPort) -> Result<PublicPort, Error> {
    let mut tx = cx.parts.db.write().await?;
    let app = cx.app(&mut tx, id, Right::Configure).await?;
    let has = cx.parts.instance.edge_ports(new.protocol);
    if !has.contains(&new.public) {
        let all = has.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
        let all = if all.is_empty() { "none yet: its owner sets them at start".to_owned() } else { all };
        let rule = format!("must be a public {} port of this instance ({all})", new.protocol.name());
        return Err(Error::wrong("public", Wrong::coded("no_such_port", rule)));
    }
    if new.port == 0 {
        return Err(Error::wrong("port", Wrong::new("must be 1 to 65535")));
    }
    let many = matches!(app.source, Source::Compose { .. }) || matches!(app.build, Build::Compose { .. });
    if many && new.service.is_none() {
        let rule = "must name the service of the Compose file that the port leads to";
        return Err(Error::wrong("service", Wrong::coded("missing", rule)));
    }
    if let Some(host) = &new.host {
        let own = db::domain_name::of_app(&mut tx, id).await?;
        if !own.iter().any(|domain| domain.host.as_str() == host.as_str()) {
            let rule =
                "must be a host of this app's domains: add it there first, so that it has a certificate";
            return Err(Error::wrong("host", Wrong::new(rule)));
        }
    }
    let port = PublicPort {
        id: PortId::new(&*cx.parts.clock),
        app: id,
        protocol: new.protocol,
        public: new.public,
        service: new.service,
        port: new.port,
        tls: new.tls,
        host: new.host,
        allow: new.allow,
        created_at: cx.now(),
    };
    port.check().map_err(|(field, wrong)| Error::wrong(field, wrong))?;
    db::port::insert(&mut tx, &port).await.map_err(|error| {
        if db::is_duplicate(&error) {
            Error::conflict("port_taken", "this port leads to an app already; choose another")
        } else {
            error.into()
        }
    })?;
    // It brings what runs onto the edge network: settled, not deployed anew.
    let work = Work::Settle { app: id, restart: false };
    db::job::enqueue(&mut tx, JobId::new(&*cx.parts.clock), &work, &format!("app:{id}")).await?;
    let called = format!("{} {}", port.protocol.name(), port.public);
    let object = Object::new("port", port.id, called).of_environment(app.environment);
    audit::record(cx, &mut tx, Action::PortAdd, object, Change::none()).await?;
    tx.commit().await?;
    cx.parts.bus.publish(Hint::Edge).await;
    cx.parts.bus.publish(Hint::Jobs).await;
    Ok(port)
}
