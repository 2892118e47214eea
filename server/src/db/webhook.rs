//! Webhooks of apps; found by their id alone, as the sender has nothing else.

use chrono::Duration;

use super::{Tx, execute, fetch_all, fetch_optional, now};
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
const SPEND: &str = "UPDATE webhook SET spent_until = CASE WHEN spent_until > $2 AND spent_until <= $3 \
    THEN spent_until ELSE $2 END + $4 WHERE id = $1 AND (spent_until <= $3 OR spent_until > $5)";
const SPENT_UNTIL: &str = "SELECT spent_until FROM webhook WHERE id = $1";
const REMOVE: &str = "DELETE FROM webhook WHERE id = $1 AND app_id = $2";

pub(super) const QUERIES: &[&str] = &[INSERT, GET, OF_APP, ROTATE, SPEND, SPENT_UNTIL, REMOVE];

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

/// Takes one from a webhook's quota: `burst` at once, and one more each `every`. Otherwise the time
/// to wait, and nothing is taken.
///
/// One statement on one row, by the database's clock: right with any number of servers, and undone
/// with the transaction. What lies further ahead than a full bucket was written before that clock
/// was set back, and counts as empty.
///
/// # Errors
/// The database's.
pub async fn spend(
    tx: &mut Tx,
    id: WebhookId,
    burst: i32,
    every: Duration,
) -> sqlx::Result<Result<(), Duration>> {
    let now = now(tx).await?.timestamp_micros();
    let step = every.num_microseconds().unwrap_or(i64::MAX);
    // The last of the burst is given while the bucket is full but for one.
    let full = now + step * i64::from(burst - 1);
    // Two replicas' transactions overlap, so a full bucket may look a little fuller than full.
    let beyond = full + step + 10_000_000;
    if execute!(tx, SPEND, id, now, full, step, beyond)? > 0 {
        return Ok(Ok(()));
    }
    let until = fetch_optional!(tx, (i64,), SPENT_UNTIL, id)?.map_or(full, |(until,)| until);
    Ok(Err(Duration::microseconds(until - full)))
}

/// Removes a webhook of an app.
///
/// # Errors
/// The database's.
pub async fn remove(tx: &mut Tx, app: AppId, id: WebhookId) -> sqlx::Result<bool> {
    Ok(execute!(tx, REMOVE, id, app)? > 0)
}
