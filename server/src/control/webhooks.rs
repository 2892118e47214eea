//! Webhooks of apps: make one, change its secret, remove it. A secret is shown once.

use super::{Ctx, Error, audit};
use crate::{
    db,
    domain::{
        audit::{Action, Change, Object},
        delivery::{Provider, Webhook},
        id::{AppId, WebhookId},
        right::Right,
        secret::Secret,
    },
};

/// How long the old secret counts after a rotation.
const GRACE: chrono::Duration = chrono::Duration::hours(24);

/// The webhooks of an app, oldest first.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn list(cx: &Ctx, app: AppId) -> Result<Vec<Webhook>, Error> {
    let mut tx = cx.parts.db.read().await?;
    cx.app(&mut tx, app, Right::View).await?;
    Ok(db::webhook::of_app(&mut tx, app).await?)
}

/// Makes a webhook and its secret.
///
/// # Errors
/// [`Error::NotFound`]; the app has one for that provider.
pub async fn create(cx: &Ctx, app: AppId, provider: Provider) -> Result<(Webhook, Secret), Error> {
    let mut tx = cx.parts.db.write().await?;
    let of = cx.app(&mut tx, app, Right::Configure).await?;
    let (secret, sealed_secret) = fresh(cx);
    let webhook = Webhook {
        id: WebhookId::new(&*cx.parts.clock),
        app,
        provider,
        sealed_secret,
        old_secret: None,
        created_at: cx.now(),
    };
    db::webhook::insert(&mut tx, &webhook).await.map_err(|e| {
        if db::is_duplicate(&e) {
            let message = format!(
                "the app has a webhook for {} already; rotate its secret to see a new one",
                provider.name()
            );
            Error::conflict("webhook_exists", message)
        } else {
            e.into()
        }
    })?;
    audit::record(
        cx,
        &mut tx,
        Action::WebhookCreate,
        Object::new("webhook", webhook.id, provider.name()).of_environment(of.environment),
        Change::none(),
    )
    .await?;
    tx.commit().await?;
    Ok((webhook, secret))
}

/// Gives a webhook a new secret; the old one counts for a day.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn rotate(cx: &Ctx, app: AppId, id: WebhookId) -> Result<Secret, Error> {
    let mut tx = cx.parts.db.write().await?;
    let of = cx.app(&mut tx, app, Right::Configure).await?;
    let found = db::webhook::get(&mut tx, id).await?.filter(|webhook| webhook.app == app);
    let found = found.ok_or(Error::NotFound("webhook"))?;
    let (secret, sealed) = fresh(cx);
    db::webhook::rotate(&mut tx, id, &sealed, cx.now() + GRACE).await?;
    audit::record(
        cx,
        &mut tx,
        Action::WebhookRotate,
        Object::new("webhook", id, found.provider.name()).of_environment(of.environment),
        Change::none(),
    )
    .await?;
    tx.commit().await?;
    Ok(secret)
}

/// Removes a webhook with its deliveries.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn remove(cx: &Ctx, app: AppId, id: WebhookId) -> Result<(), Error> {
    let mut tx = cx.parts.db.write().await?;
    let of = cx.app(&mut tx, app, Right::Configure).await?;
    if !db::webhook::remove(&mut tx, app, id).await? {
        return Err(Error::NotFound("webhook"));
    }
    audit::record(
        cx,
        &mut tx,
        Action::WebhookRemove,
        Object::new("webhook", id, "").of_environment(of.environment),
        Change::none(),
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

fn fresh(cx: &Ctx) -> (Secret, Vec<u8>) {
    let secret = cx.parts.clock.token();
    let sealed = cx.parts.seal.seal(&*cx.parts.clock, "webhook", secret.as_bytes());
    (Secret::new(secret), sealed)
}
