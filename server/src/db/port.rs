//! Public ports of apps.

use super::{Tx, execute, fetch_all, fetch_optional};
use crate::domain::{
    clock::Time,
    domain_name::Hostname,
    id::{AppId, PortId},
    port::{PortTls, Protocol, PublicPort},
};

const INSERT: &str = "INSERT INTO public_port (id, app_id, protocol, public, service, port, tls, host, allow, created_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const OF_APP: &str = "SELECT * FROM public_port WHERE app_id = $1 ORDER BY protocol, public";
const ALL: &str = "SELECT * FROM public_port ORDER BY id";
const GET: &str = "SELECT * FROM public_port WHERE app_id = $1 AND id = $2";
const REMOVE: &str = "DELETE FROM public_port WHERE app_id = $1 AND id = $2";

pub(super) const QUERIES: &[&str] = &[INSERT, OF_APP, ALL, GET, REMOVE];

#[derive(sqlx::FromRow)]
struct Row {
    id: PortId,
    app_id: AppId,
    protocol: Protocol,
    public: i64,
    service: Option<String>,
    port: i64,
    tls: Option<PortTls>,
    host: Option<Hostname>,
    allow: Option<String>,
    created_at: Time,
}

impl TryFrom<Row> for PublicPort {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> sqlx::Result<Self> {
        let allow = row.allow.as_deref().map(serde_json::from_str).transpose();
        Ok(Self {
            id: row.id,
            app: row.app_id,
            protocol: row.protocol,
            public: u16::try_from(row.public).unwrap_or(0),
            service: row.service,
            port: u16::try_from(row.port).unwrap_or(0),
            tls: row.tls,
            host: row.host,
            allow: allow.map_err(|error| sqlx::Error::Decode(error.into()))?,
            created_at: row.created_at,
        })
    }
}

/// Leads a public port to an app.
///
/// # Errors
/// The database's; the port leads somewhere already.
pub async fn insert(tx: &mut Tx, p: &PublicPort) -> sqlx::Result<()> {
    let allow = p.allow.as_ref().map(serde_json::to_string).transpose();
    let allow = allow.map_err(|error| sqlx::Error::Encode(error.into()))?;
    let (public, port) = (i64::from(p.public), i64::from(p.port));
    execute!(
        tx,
        INSERT,
        p.id,
        p.app,
        p.protocol,
        public,
        &p.service,
        port,
        p.tls,
        &p.host,
        allow,
        p.created_at,
    )
    .map(|_| ())
}

/// The public ports of an app.
///
/// # Errors
/// The database's.
pub async fn of_app(tx: &mut Tx, app: AppId) -> sqlx::Result<Vec<PublicPort>> {
    fetch_all!(tx, Row, OF_APP, app)?.into_iter().map(TryInto::try_into).collect()
}

/// Every public port: for the edge. One that cannot be read is left out and told.
///
/// # Errors
/// The database's.
pub async fn all(tx: &mut Tx) -> sqlx::Result<Vec<PublicPort>> {
    let read = |row: Row| {
        let id = row.id;
        let told = |error: &sqlx::Error| tracing::error!(port = %id, %error, "Port {id} cannot be read and is not served");
        PublicPort::try_from(row).inspect_err(told).ok()
    };
    Ok(fetch_all!(tx, Row, ALL)?.into_iter().filter_map(read).collect())
}

/// Takes a public port away from its app; what it was.
///
/// # Errors
/// The database's.
pub async fn remove(tx: &mut Tx, app: AppId, id: PortId) -> sqlx::Result<Option<PublicPort>> {
    let Some(row) = fetch_optional!(tx, Row, GET, app, id)? else { return Ok(None) };
    execute!(tx, REMOVE, app, id)?;
    PublicPort::try_from(row).map(Some)
}
