//! Webhooks of apps; found by their id alone, as the sender has nothing else.

use super::{Tx, execute, fetch_all, fetch_optional};
use crate::domain::{
    clock::Time,
    delivery::{Provider, Webhook},
    id::{AppId, WebhookId},
};

const INSERT: &str =
    "INSERT INTO webhook (id, app_id, provider, sealed_secret, created_at) VALUES ($1, $2, $3, $4, $5)";
const GET: &str = "SELECT * FROM webhook WHERE id = $1";
const OF_APP: &str = "SELECT * FROM webhook WHERE app_id = $1 ORDER BY created_at";
const ROTATE: &str =
    "UPDATE webhook SET old_secret = sealed_secret, old_until = $3, sealed_secret = $2 WHERE id = $1";
const REMOVE: &str = "DELETE FROM webhook WHERE id = $1 AND app_id = $2";

pub(super) const QUERIES: &[&str] = &[INSERT, GET, OF_APP, ROTATE, REMOVE];

#[derive(sqlx::FromRow)]
struct Row {
    id: WebhookId,
    app_id: AppId,
    provider: Provider,
    sealed_secret: Vec<u8>,
    old_secret: Option<Vec<u8>>,
    old_until: Option<Time>,
    created_at: Time,
}

impl From<Row> for Webhook {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            app: row.app_id,
            provider: row.provider,
            sealed_secret: row.sealed_secret,
            old_secret: row.old_secret.zip(row.old_until),
            created_at: row.created_at,
        }
    }
}

/// Makes a webhook; one for each provider and app.
///
/// # Errors
/// The database's; a duplicate.
pub async fn insert(tx: &mut Tx, w: &Webhook) -> sqlx::Result<()> {
    execute!(tx, INSERT, w.id, w.app, w.provider, &w.sealed_secret, w.created_at).map(|_| ())
}

/// A webhook.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, id: WebhookId) -> sqlx::Result<Option<Webhook>> {
    Ok(fetch_optional!(tx, Row, GET, id)?.map(Into::into))
}

/// The webhooks of an app, oldest first.
///
/// # Errors
/// The database's.
pub async fn of_app(tx: &mut Tx, app: AppId) -> sqlx::Result<Vec<Webhook>> {
    Ok(fetch_all!(tx, Row, OF_APP, app)?.into_iter().map(Into::into).collect())
}

/// Changes the secret; the old one counts until `until`.
///
/// # Errors
/// The database's.
pub async fn rotate(tx: &mut Tx, id: WebhookId, sealed: &[u8], until: Time) -> sqlx::Result<bool> {
    Ok(execute!(tx, ROTATE, id, sealed, until)? > 0)
}

/// Removes a webhook of an app.
///
/// # Errors
/// The database's.
pub async fn remove(tx: &mut Tx, app: AppId, id: WebhookId) -> sqlx::Result<bool> {
    Ok(execute!(tx, REMOVE, id, app)? > 0)
}
