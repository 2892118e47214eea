//! Received webhook deliveries: one row for each id that the sender gave.

use sqlx::types::Json;

use super::{Tx, execute, fetch_all, fetch_optional};
use crate::domain::{
    clock::Time,
    delivery::{Delivery, Provider},
    id::{AppId, DeliveryId, DeploymentId, WebhookId},
};

const INSERT: &str = "INSERT INTO delivery (id, webhook_id, provider_id, event, status, outcome, deployment_id, \
    headers, body, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
    ON CONFLICT (webhook_id, provider_id) DO NOTHING";
const LIST: &str = "SELECT d.id, d.webhook_id, d.provider_id, d.event, d.status, d.outcome, d.deployment_id, \
    d.received_at FROM delivery d JOIN webhook w ON w.id = d.webhook_id \
    WHERE w.app_id = $1 ORDER BY d.id DESC LIMIT $2";
const GET: &str = "SELECT d.webhook_id, d.headers, d.body FROM delivery d JOIN webhook w ON w.id = d.webhook_id \
    WHERE w.app_id = $1 AND d.id = $2";
const ABOUT: &str = "SELECT d.id, w.provider, n.number, (d.body IS NOT NULL) AS whole FROM delivery d \
    JOIN webhook w ON w.id = d.webhook_id LEFT JOIN deployment n ON n.id = d.deployment_id \
    WHERE w.app_id = $1 ORDER BY d.id DESC LIMIT $2";
const SWEEP: &str = "UPDATE delivery SET body = NULL WHERE received_at < $1 AND body IS NOT NULL";

const KNOWN: &str = "SELECT count(*) FROM delivery WHERE webhook_id = $1 AND provider_id = $2";

pub(super) const QUERIES: &[&str] = &[KNOWN, INSERT, LIST, ABOUT, GET, SWEEP];

#[derive(sqlx::FromRow)]
struct Row {
    id: DeliveryId,
    webhook_id: WebhookId,
    provider_id: String,
    event: String,
    status: i64,
    outcome: String,
    deployment_id: Option<DeploymentId>,
    received_at: Time,
}

impl From<Row> for Delivery {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            webhook: row.webhook_id,
            provider_id: row.provider_id,
            event: row.event,
            status: u16::try_from(row.status).unwrap_or(0),
            outcome: row.outcome,
            deployment: row.deployment_id,
            body: None,
            received_at: row.received_at,
        }
    }
}

/// The headers of a delivery that its provider's reader needs, lower-case names.
pub type Headers = Vec<(String, String)>;

/// What is kept of a delivery to give it in again.
#[derive(Debug, sqlx::FromRow)]
pub struct Kept {
    /// Where it came in.
    pub webhook_id: WebhookId,
    /// Its headers.
    pub headers: Json<Headers>,
    /// Its body, unless it was swept.
    pub body: Option<Vec<u8>>,
}

/// Records a delivery; false if the sender's id was there already.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, d: &Delivery, headers: &Headers) -> sqlx::Result<bool> {
    let rows = execute!(
        tx,
        INSERT,
        d.id,
        d.webhook,
        &d.provider_id,
        &d.event,
        i64::from(d.status),
        &d.outcome,
        d.deployment,
        Json(headers),
        &d.body,
        d.received_at,
    )?;
    Ok(rows > 0)
}

/// Whether the sender's id was there already.
///
/// # Errors
/// The database's.
pub async fn known(tx: &mut Tx, webhook: WebhookId, provider_id: &str) -> sqlx::Result<bool> {
    Ok(fetch_optional!(tx, (i64,), KNOWN, webhook, provider_id)?.is_some_and(|(count,)| count > 0))
}

/// The newest deliveries of an app, without bodies.
///
/// # Errors
/// The database's.
pub async fn list(tx: &mut Tx, app: AppId, limit: i64) -> sqlx::Result<Vec<Delivery>> {
    Ok(fetch_all!(tx, Row, LIST, app, limit)?.into_iter().map(Into::into).collect())
}

/// What is told along with a delivery.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct About {
    /// Which.
    pub id: DeliveryId,
    /// Who sent it.
    pub provider: Provider,
    /// The number of the deployment that it queued.
    pub number: Option<i64>,
    /// Its body is still there.
    pub whole: bool,
}

/// What is told along with the newest deliveries of an app, in the order of [`list`].
///
/// # Errors
/// The database's.
pub async fn about(tx: &mut Tx, app: AppId, limit: i64) -> sqlx::Result<Vec<About>> {
    fetch_all!(tx, About, ABOUT, app, limit)
}

/// What is kept of one delivery of an app.
///
/// # Errors
/// The database's.
pub async fn kept(tx: &mut Tx, app: AppId, id: DeliveryId) -> sqlx::Result<Option<Kept>> {
    fetch_optional!(tx, Kept, GET, app, id)
}

/// Forgets the bodies of deliveries from before `before`.
///
/// # Errors
/// The database's.
pub async fn sweep(tx: &mut Tx, before: Time) -> sqlx::Result<()> {
    execute!(tx, SWEEP, before).map(|_| ())
}
