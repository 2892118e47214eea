//! Webhook deliveries: is it from whom it says, and what does it mean?
//!
//! The order is fixed (S6): [`verify`] over the raw bytes, with our algorithm and in constant
//! time, and only then [`parse`]. Nothing here asks the database or the network. What is told is
//! a hint: which repository and branch count is our own record, see `domain::push`.
//!
//! To add a provider: a variant of `domain::delivery::Provider`, a file here with `verify`,
//! `event_name`, `delivery_id` and `parse`, and a line in each `match` below.

use axum::http::HeaderMap;

use crate::domain::{clock::Time, delivery::Provider, push::Event, secret::Secret};

mod bitbucket;
mod field;
mod generic;
mod gitea;
mod github;
mod gitlab;
mod header;
mod json;
mod media;
mod push;
mod registry;
mod signature;
mod standard;

pub use generic::{SIGNATURE as GENERIC_SIGNATURE, sign};

/// The largest body that is worth reading, in bytes (case 16); GitHub sends no more either.
pub const MAX_BODY: usize = 25 * 1024 * 1024;

/// Why a delivery is not taken. The answer is problem+json of that status and code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Rejection {
    /// 400, 401, 415 or 422.
    pub status: u16,
    /// Stable: `signature_missing`, `signature_invalid`, `sha256_required`, `stale_delivery`,
    /// `duplicate_header`, `header_missing`, `unsupported_media_type`, `invalid_json`,
    /// `missing_field`, `invalid_field`, `invalid_ref`.
    pub code: &'static str,
    /// What is wrong and what to do; never holds a secret or a signature.
    pub message: String,
    /// The path of the field in the payload, for 422.
    pub field: Option<String>,
}

impl Rejection {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), field: None }
    }
}

/// The secrets that count for one webhook.
#[derive(Debug, Clone, Copy)]
pub struct Secrets<'a> {
    /// The present one.
    pub current: &'a Secret,
    /// The one before the last rotation, and until when it counts (case 33).
    pub old: Option<(&'a Secret, Time)>,
}

impl<'a> Secrets<'a> {
    /// Only one.
    #[must_use]
    pub const fn only(current: &'a Secret) -> Self {
        Self { current, old: None }
    }

    /// Those that count at `now`. An empty secret never does.
    fn valid(self, now: Time) -> impl Iterator<Item = &'a Secret> {
        let old = self.old.filter(|(_, until)| now < *until).map(|(secret, _)| secret);
        std::iter::once(self.current).chain(old).filter(|secret| !secret.expose().is_empty())
    }
}

/// Whether the delivery was made by somebody who knows a secret of the webhook.
///
/// `body` is what came over the wire, unchanged. Headers of other providers do not count. The
/// work is the same whatever is wrong with the signature.
///
/// # Errors
/// 401 with the reason; 400 for a header given twice; 415 for an encoded body, never inflated.
pub fn verify(
    provider: Provider,
    headers: &HeaderMap,
    body: &[u8],
    secrets: Secrets<'_>,
    now: Time,
) -> Result<(), Rejection> {
    media::not_encoded(headers)?;
    if secrets.valid(now).next().is_none() {
        tracing::error!(provider = provider.name(), "A webhook has no secret; its deliveries are refused");
        return Err(Rejection::new(
            401,
            "signature_invalid",
            "the webhook has no secret; rotate it and store the new one at the sender",
        ));
    }
    match provider {
        Provider::Github => github::verify(headers, body, secrets, now),
        Provider::Gitlab => gitlab::verify(headers, body, secrets, now),
        Provider::Gitea => gitea::verify(headers, body, secrets, now),
        Provider::Bitbucket => bitbucket::verify(headers, body, secrets, now),
        Provider::Generic => generic::verify(headers, body, secrets, now),
        Provider::Registry => registry::verify(headers, body, secrets, now),
    }
}

/// The sender's own id of the delivery, to know a repeat (case 14); none if it gave none, then
/// every delivery is its own. At most 128 characters. To be asked after [`verify`].
///
/// # Errors
/// 400 for a header given twice.
pub fn delivery_id(
    provider: Provider,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Option<String>, Rejection> {
    let id = match provider {
        Provider::Github => header::first(headers, &["x-github-delivery"])?,
        Provider::Gitlab => {
            header::first(headers, &["webhook-id", "idempotency-key", "x-gitlab-event-uuid"])?
        }
        Provider::Gitea => header::first(headers, &["x-forgejo-delivery", "x-gitea-delivery"])?,
        Provider::Bitbucket => header::first(headers, &["x-request-uuid", "x-request-id"])?,
        Provider::Generic => header::first(headers, &["webhook-id", "x-skep-delivery"])?,
        Provider::Registry => return registry::delivery_id(headers, body).map(Some),
    };
    Ok(id.filter(|id| !id.is_empty()).map(|id| match id.len() {
        0..=128 => id.to_owned(),
        _ => signature::digest(id.as_bytes()),
    }))
}

/// The event's name as the sender says it, for the delivery log: `push`, `Tag Push Hook`,
/// `repo:push`. At most 64 characters.
///
/// # Errors
/// 400 `header_missing`, if the provider must name it, or `duplicate_header`.
pub fn event_name(provider: Provider, headers: &HeaderMap) -> Result<String, Rejection> {
    let name = match provider {
        Provider::Github => header::required(headers, &["x-github-event"])?,
        Provider::Gitlab => header::required(headers, &["x-gitlab-event"])?,
        Provider::Gitea => header::required(headers, &["x-forgejo-event", "x-gitea-event"])?,
        Provider::Bitbucket => header::required(headers, &["x-event-key"])?,
        Provider::Generic => header::first(headers, &["x-skep-event"])?.unwrap_or("push"),
        Provider::Registry => header::first(headers, &["x-github-event"])?.unwrap_or("image"),
    };
    Ok(name.chars().take(64).collect())
}

/// What a verified delivery means: at least one event, in the sender's order. Bitbucket and
/// registries tell several in one delivery.
///
/// Never panics, whatever `body` is.
///
/// # Errors
/// 415 for a media type that the provider does not send, 400 `invalid_json`, 422 with the field.
pub fn parse(provider: Provider, headers: &HeaderMap, body: &[u8]) -> Result<Vec<Event>, Rejection> {
    let event = event_name(provider, headers)?;
    let json = media::payload(provider, headers, body)?;
    let payload = json::parse(&json)?;
    let payload = field::Field::top(&payload);
    let events = match provider {
        Provider::Github => github::parse(&event, payload)?,
        Provider::Gitlab => gitlab::parse(payload)?,
        Provider::Gitea => gitea::parse(&event, payload)?,
        Provider::Bitbucket => bitbucket::parse(&event, payload)?,
        Provider::Generic => generic::parse(&event, payload)?,
        Provider::Registry => registry::parse(&event, payload)?,
    };
    Ok(if events.is_empty() { vec![Event::Ignored("event")] } else { events })
}

#[cfg(test)]
mod tests;
