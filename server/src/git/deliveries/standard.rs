//! The Standard Webhooks form: `webhook-id`, `webhook-timestamp` and `webhook-signature`, which
//! holds `v1,` and the base64 of the HMAC over `id.timestamp.body`, several times if keys rotate.

use axum::http::HeaderMap;
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{Rejection, Secrets, header, signature};
use crate::domain::{clock::Time, secret::Secret};

/// How far the sender's clock may be off, in seconds.
const TOLERANCE: i64 = 300;

/// A secret that says of itself that it signs: `whsec_` and the key in base64.
pub(super) const PREFIX: &str = "whsec_";

/// Whether the delivery claims to be signed in this form.
pub(super) fn is_signed(headers: &HeaderMap) -> bool {
    headers.contains_key("webhook-signature")
}

/// The key is what follows `whsec_`, in base64; of any other secret it is the text itself.
fn key(secret: &Secret) -> Vec<u8> {
    let text = secret.expose();
    text.strip_prefix(PREFIX)
        .and_then(|encoded| STANDARD.decode(encoded).ok())
        .filter(|key| !key.is_empty())
        .unwrap_or_else(|| text.as_bytes().to_vec())
}

pub(super) fn verify(
    headers: &HeaderMap,
    body: &[u8],
    secrets: Secrets<'_>,
    now: Time,
) -> Result<(), Rejection> {
    let id = header::one(headers, "webhook-id")?.ok_or_else(signature::missing)?;
    let timestamp = header::one(headers, "webhook-timestamp")?.ok_or_else(signature::missing)?;
    let told = header::one(headers, "webhook-signature")?.ok_or_else(signature::missing)?;
    let mut matched = false;
    for secret in secrets.valid(now) {
        let right = signature::hmac(&key(secret), &[id.as_bytes(), b".", timestamp.as_bytes(), b".", body]);
        for given in told.split_ascii_whitespace().filter_map(|one| one.strip_prefix("v1,")).take(16) {
            matched |= STANDARD.decode(given).is_ok_and(|given| signature::same(&right, &given));
        }
    }
    if !matched || id.is_empty() {
        return Err(signature::invalid());
    }
    let seconds = timestamp.parse::<i64>().map_err(|_| signature::invalid())?;
    if now.timestamp().abs_diff(seconds) > TOLERANCE.unsigned_abs() {
        let message = format!(
            "the delivery is older or newer than 5 minutes: it says {seconds}, the server's clock says {} ({}); set the sender's clock",
            now.timestamp(),
            now.format("%Y-%m-%dT%H:%M:%SZ"),
        );
        return Err(Rejection::new(401, "stale_delivery", message));
    }
    Ok(())
}
