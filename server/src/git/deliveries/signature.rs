//! HMAC-SHA256 and constant-time comparison: the only algorithm, whatever a sender names.

use axum::http::HeaderMap;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{Rejection, Secrets, header};
use crate::domain::clock::Time;

/// HMAC-SHA256 of the parts, one after the other.
pub(super) fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // A key of any length is taken (RFC 2104), so the error cannot come; zeros match nothing sent.
    let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(key) else { return [0; 32] };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// SHA-256 in hexadecimal.
pub(super) fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Whether both are the same; the time tells nothing about where they differ. Both are hashed
/// first, so that it tells nothing about lengths either.
pub(super) fn same(left: &[u8], right: &[u8]) -> bool {
    Sha256::digest(left).ct_eq(&Sha256::digest(right)).into()
}

/// A header with `prefix` and the body's HMAC in hexadecimal.
///
/// `told` is the header's value, none if it was not sent.
pub(super) fn check_hex(
    told: Option<&str>,
    prefix: &str,
    body: &[u8],
    secrets: Secrets<'_>,
    now: Time,
) -> Result<(), Rejection> {
    let told = told.ok_or_else(missing)?;
    let hex_part = told.strip_prefix(prefix).unwrap_or_default();
    let mut given = [0; 32];
    let readable = hex::decode_to_slice(hex_part, &mut given).is_ok();
    let mut matched = false;
    for secret in secrets.valid(now) {
        matched |= same(&hmac(secret.expose().as_bytes(), &[body]), &given);
    }
    if readable && matched { Ok(()) } else { Err(invalid()) }
}

/// The plain secret itself.
pub(super) fn check_token(told: &str, secrets: Secrets<'_>, now: Time) -> Result<(), Rejection> {
    let mut matched = false;
    for secret in secrets.valid(now) {
        matched |= same(secret.expose().as_bytes(), told.as_bytes());
    }
    if matched { Ok(()) } else { Err(invalid()) }
}

/// 401 if only a SHA-1 signature came (case 5).
pub(super) fn refuse_sha1_alone(headers: &HeaderMap, sha256: &str, sha1: &str) -> Result<(), Rejection> {
    if header::one(headers, sha256)?.is_none() && headers.contains_key(sha1) {
        let message = format!("the delivery must be signed with SHA-256 in `{sha256}`; SHA-1 does not count");
        return Err(Rejection::new(401, "sha256_required", message));
    }
    Ok(())
}

pub(super) fn missing() -> Rejection {
    Rejection::new(
        401,
        "signature_missing",
        "the delivery is not signed; set the webhook's secret at the sender",
    )
}

pub(super) fn invalid() -> Rejection {
    Rejection::new(
        401,
        "signature_invalid",
        "the signature does not match; set this webhook's secret at the sender, and let nothing change the body on its way",
    )
}
