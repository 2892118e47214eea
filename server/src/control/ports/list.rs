//! The public ports of an app, and which it could have.

use crate::{
    control::{Ctx, Error},
    db,
    domain::{
        id::AppId,
        port::{Protocol, PublicPort},
        right::Right,
    },
};

/// What an app has and could have.
#[derive(Debug, Clone)]
pub struct Ports {
    /// Its own.
    pub own: Vec<PublicPort>,
    /// All that the instance has and that lead nowhere yet.
    pub free: Vec<(Protocol, u16)>,
}

/// The public ports of an app, by number.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn list(cx: &Ctx, app: AppId) -> Result<Ports, Error> {
    let mut tx = cx.parts.db.read().await?;
    cx.app(&mut tx, app, Right::View).await?;
    let taken = db::port::all(&mut tx).await?;
    let instance = &cx.parts.instance;
    let free = Protocol::ALL.into_iter().flat_map(|protocol| {
        let ports = instance.edge_ports(protocol).iter().map(move |port| (protocol, *port));
        ports.filter(|(protocol, port)| !taken.iter().any(|p| p.protocol == *protocol && p.public == *port))
    });
    Ok(Ports { free: free.collect(), own: db::port::of_app(&mut tx, app).await? })
}
