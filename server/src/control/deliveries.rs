//! Deliveries of webhooks: receive one, look at them, give one in again.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::{
    Ctx, Error, audit,
    push_received::{Origin, Verdict, decide},
};
use crate::{
    bus::Hint,
    db::{self, Tx, delivery::Headers},
    deploy::parts::Parts,
    domain::{
        audit::{Action, Change, Object},
        delivery::{Delivery, Provider},
        deployment::State,
        id::{AppId, DeliveryId, DeploymentId, WebhookId},
        push::Event,
        right::Right,
        secret::Secret,
    },
    git::deliveries::{Rejection, Secrets, delivery_id, event_name, parse, verify},
};

/// What the sender is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// 200 or 202.
    pub status: u16,
    /// `queued`, `awaiting_approval`, `pong`, `duplicate`, `already_deployed`, `ignored:…`
    pub outcome: String,
    /// The deployment that was queued.
    pub deployment: Option<DeploymentId>,
}

/// Why a delivery was not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// No such webhook, or another provider's.
    #[error("there is no such webhook")]
    Unknown,
    /// It is not from whom it says, or not readable.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The webhook caused too many deployments: seconds until one more is taken (case 32).
    #[error("too many pushes came in by this webhook; the next is taken in {0} s")]
    TooMany(u64),
    /// A fault of ours.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<db::DbError> for NotTaken {
    fn from(error: db::DbError) -> Self {
        Self::Failed(error.into())
    }
}

/// Receives a delivery. The answer is given only after everything that it says is stored.
///
/// # Errors
/// See [`NotTaken`].
pub async fn receive(
    parts: &Parts,
    provider: Provider,
    id: WebhookId,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Answer, NotTaken> {
    let now = parts.clock.now();
    let mut tx = parts.db.read().await?;
    let webhook = db::webhook::get(&mut tx, id).await?.filter(|webhook| webhook.provider == provider);
    drop(tx);
    let Some(webhook) = webhook else {
        // The same work as for a known one, so that time does not tell them apart.
        let nobody = Secret::new(parts.clock.token());
        let _ = verify(provider, headers, body, Secrets::only(&nobody), now);
        return Err(NotTaken::Unknown);
    };
    let open = |sealed: &[u8]| parts.seal.open_text("webhook", sealed).map_err(Error::from);
    let current = open(&webhook.sealed_secret)?;
    let old = match &webhook.old_secret {
        Some((sealed, until)) => Some((open(sealed)?, *until)),
        None => None,
    };
    let secrets = Secrets { current: &current, old: old.as_ref().map(|(secret, until)| (secret, *until)) };
    verify(provider, headers, body, secrets, now)?;
    let given = delivery_id(provider, headers, body)?;
    let event = event_name(provider, headers).unwrap_or_default();
    let provider_id = given.unwrap_or_else(|| format!("none:{}", parts.clock.uuid()));
    let (events, rejection) = match parse(provider, headers, body) {
        Ok(events) => (events, None),
        Err(rejection) => (Vec::new(), Some(rejection)),
    };
    let delivery = Delivery {
        id: DeliveryId::new(&*parts.clock),
        webhook: id,
        provider_id: match &rejection {
            // The sender may mend it and send it again under the same id.
            Some(_) => format!("refused:{}", parts.clock.uuid()),
            None => provider_id,
        },
        event,
        status: 0,
        outcome: String::new(),
        deployment: None,
        body: Some(body.to_vec()),
        received_at: now,
    };
    if let Some(rejection) = rejection {
        let mut tx = parts.db.write().await?;
        let refused =
            Delivery { status: rejection.status, outcome: rejection.code.to_owned(), body: None, ..delivery };
        db::delivery::insert(&mut tx, &refused, &Headers::new()).await?;
        tx.commit().await?;
        return Err(rejection.into());
    }
    take(parts, webhook.app, Origin { webhook: id, provider, again: None }, delivery, &keep(headers), events)
        .await
}

/// Stores the delivery and what it causes in one transaction, then wakes the workers.
async fn take(
    parts: &Parts,
    app: AppId,
    origin: Origin,
    mut delivery: Delivery,
    headers: &Headers,
    events: Vec<Event>,
) -> Result<Answer, NotTaken> {
    let mut tx = parts.db.write().await?;
    let answer = match store(&mut tx, parts, app, origin, &mut delivery, headers, events).await {
        Ok(answer) => {
            tx.commit().await?;
            answer
        }
        Err(NotStored::Repeated) => Answer { status: 200, outcome: "duplicate".to_owned(), deployment: None },
        Err(NotStored::NotTaken(why)) => {
            drop(tx);
            if let NotTaken::TooMany(_) = why {
                note_too_many(parts, delivery).await?;
            }
            return Err(why);
        }
    };
    if let Some(deployment) = answer.deployment {
        parts.bus.publish(Hint::Jobs).await;
        parts.bus.publish(Hint::Deployment { deployment }).await;
        parts.bus.publish(Hint::App { app }).await;
    }
    Ok(answer)
}

/// Why nothing of a delivery is to be stored.
enum NotStored {
    /// Another server stored the same id a moment ago (Postgres): its transaction is the one that
    /// counts.
    Repeated,
    NotTaken(NotTaken),
}

impl<E: Into<Error>> From<E> for NotStored {
    fn from(error: E) -> Self {
        Self::NotTaken(NotTaken::Failed(error.into()))
    }
}

/// The delivery, the deployment and its job.
async fn store(
    tx: &mut Tx,
    parts: &Parts,
    app: AppId,
    origin: Origin,
    delivery: &mut Delivery,
    headers: &Headers,
    events: Vec<Event>,
) -> Result<Answer, NotStored> {
    let mut answer = Answer { status: 200, outcome: "ignored:event".to_owned(), deployment: None };
    let new = db::app::load_for_new(tx, app, delivery.webhook, &delivery.provider_id).await?;
    let Some(app) = new else {
        if db::delivery::known(tx, delivery.webhook, &delivery.provider_id).await? {
            // No error: the first may wait for the same commit, and only if it lasts is this one repeated.
            return Ok(Answer { outcome: "duplicate".to_owned(), ..answer });
        }
        return Err(NotStored::NotTaken(NotTaken::Unknown));
    };
    for event in events {
        match decide(tx, parts, &app, origin, event).await? {
            Verdict::Queued(deployment) => {
                let outcome = match deployment.state {
                    State::AwaitingApproval => "awaiting_approval",
                    _ => "queued",
                };
                let (outcome, deployment) = (outcome.to_owned(), Some(deployment.id));
                answer = Answer { status: 202, outcome, deployment };
                break;
            }
            Verdict::Pong => answer.outcome = "pong".to_owned(),
            Verdict::Ignored(why) => answer.outcome = format!("ignored:{why}"),
            Verdict::AlreadyDeployed => answer.outcome = "already_deployed".to_owned(),
            Verdict::TooMany(seconds) => return Err(NotStored::NotTaken(NotTaken::TooMany(seconds))),
        }
    }
    delivery.status = answer.status;
    delivery.outcome.clone_from(&answer.outcome);
    delivery.deployment = answer.deployment;
    if !db::delivery::insert(tx, delivery, headers).await? {
        return Err(NotStored::Repeated);
    }
    Ok(answer)
}

/// A line in the delivery log, one a minute however many are refused: the sender may send the same
/// delivery again, so its own id is not used up.
async fn note_too_many(parts: &Parts, delivery: Delivery) -> Result<(), db::DbError> {
    let row = Delivery {
        provider_id: format!("too_many:{}", delivery.received_at.format("%Y-%m-%dT%H:%M")),
        status: 429,
        outcome: "too_many".to_owned(),
        body: None,
        ..delivery
    };
    let mut tx = parts.db.write().await?;
    db::delivery::insert(&mut tx, &row, &Headers::new()).await?;
    tx.commit().await
}

/// The newest deliveries of an app, at most 100.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn list(cx: &Ctx, app: AppId, limit: i64) -> Result<Vec<Delivery>, Error> {
    let mut tx = cx.parts.db.read().await?;
    cx.app(&mut tx, app, Right::View).await?;
    Ok(db::delivery::list(&mut tx, app, limit.clamp(1, 100)).await?)
}

/// Gives a delivery in again as if it came now.
///
/// # Errors
/// [`Error::NotFound`]; its body is no longer kept.
pub async fn redeliver(cx: &Ctx, app: AppId, id: DeliveryId) -> Result<Answer, Error> {
    let parts = &cx.parts;
    let mut tx = parts.db.read().await?;
    cx.app(&mut tx, app, Right::Deploy).await?;
    let kept = db::delivery::kept(&mut tx, app, id).await?.ok_or(Error::NotFound("delivery"))?;
    let webhook = db::webhook::get(&mut tx, kept.webhook_id).await?.ok_or(Error::NotFound("delivery"))?;
    drop(tx);
    let mut tx = parts.db.write().await?;
    audit::record(
        cx,
        &mut tx,
        Action::WebhookRedeliver,
        Object::new("delivery", id, webhook.provider.name()),
        Change::none(),
    )
    .await?;
    tx.commit().await?;
    let body =
        kept.body.ok_or_else(|| Error::conflict("body_gone", "the delivery's body is no longer kept"))?;
    let headers = restore(&kept.headers.0);
    let events = parse(webhook.provider, &headers, &body)
        .map_err(|rejection| Error::conflict("unreadable", rejection.message))?;
    let delivery = Delivery {
        id: DeliveryId::new(&*parts.clock),
        webhook: webhook.id,
        provider_id: format!("again:{}", parts.clock.uuid()),
        event: event_name(webhook.provider, &headers).unwrap_or_default(),
        status: 0,
        outcome: String::new(),
        deployment: None,
        body: Some(body),
        received_at: cx.now(),
    };
    let origin = Origin { webhook: webhook.id, provider: webhook.provider, again: Some(cx.actor.user) };
    match take(parts, app, origin, delivery, &kept.headers.0, events).await {
        Ok(answer) => Ok(answer),
        Err(NotTaken::Failed(error)) => Err(error),
        Err(NotTaken::TooMany(seconds)) => Err(Error::Busy(seconds)),
        Err(_) => Err(Error::NotFound("delivery")),
    }
}

/// The headers that reading needs; never one with a secret or a signature.
fn keep(headers: &HeaderMap) -> Headers {
    let wanted = |name: &str| {
        name == "content-type"
            || (name.ends_with("event") || name.ends_with("event-key")) && name.starts_with("x-")
    };
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.chars().take(200).collect()))
    };
    headers.iter().filter(|(name, _)| wanted(name.as_str())).filter_map(text).collect()
}

fn restore(headers: &Headers) -> HeaderMap {
    let pair = |(name, value): &(String, String)| {
        Some((HeaderName::try_from(name.as_str()).ok()?, HeaderValue::from_str(value).ok()?))
    };
    headers.iter().filter_map(pair).collect()
}
