//! Our own small form, for curl, any CI and hosts without a format of their own.
//!
//! Signed by `X-Skep-Signature-256: sha256=<HMAC-SHA256 of the body, hexadecimal>`, or in the
//! Standard Webhooks form. `X-Skep-Event` is `push` (the default), `image` or `ping`;
//! `X-Skep-Delivery` may name the delivery, so that a repeat of it changes nothing.
//!
//! ```text
//! push   {"ref": "refs/heads/main", "after": "<commit id>", "before": "<commit id>",
//!         "repository": "team/app", "message": "…", "author": "…", "forced": false, "paths": ["…"]}
//!        `ref` may be a bare branch name; `after` of zeros or `"deleted": true` says it is gone;
//!        all but `ref` and `after` may be left out
//! image  {"image": "registry.example.org/team/app", "tag": "1.2", "digest": "sha256:…"}
//! ```

use axum::http::HeaderMap;

use super::{Rejection, Secrets, field::Field, header, push, signature, standard};
use crate::domain::{
    clock::Time,
    push::{Event, Head, ImagePush, Push, Target},
    secret::Secret,
};

/// The header of the signature.
pub const SIGNATURE: &str = "x-skep-signature-256";

/// The value of [`SIGNATURE`] for a body: what a sender computes.
#[must_use]
pub fn sign(secret: &Secret, body: &[u8]) -> String {
    format!("sha256={}", hex::encode(signature::hmac(secret.expose().as_bytes(), &[body])))
}

pub(super) fn verify(
    headers: &HeaderMap,
    body: &[u8],
    secrets: Secrets<'_>,
    now: Time,
) -> Result<(), Rejection> {
    if standard::is_signed(headers) {
        return standard::verify(headers, body, secrets, now);
    }
    signature::check_hex(header::one(headers, SIGNATURE)?, "sha256=", body, secrets, now)
}

pub(super) fn parse(event: &str, payload: Field<'_>) -> Result<Vec<Event>, Rejection> {
    Ok(vec![match event {
        "ping" => Event::Ping,
        "push" => pushed(&payload)?,
        "image" => Event::Image(image(&payload)?),
        _ => Event::Ignored("event"),
    }])
}

fn pushed(payload: &Field<'_>) -> Result<Event, Rejection> {
    let name = payload.get("ref");
    let target = if name.text()?.starts_with("refs/") {
        let Some(target) = push::target(&name)? else { return Ok(Event::Ignored("ref")) };
        target
    } else {
        Target::Branch(name.ref_name(name.text()?)?)
    };
    let before = payload.get("before");
    let before = if before.exists() { before.sha()? } else { None };
    let paths = payload.get("paths");
    let paths = if paths.exists() {
        Some(paths.list()?.iter().map(|path| path.text().map(str::to_owned)).collect::<Result<_, _>>()?)
    } else {
        None
    };
    Ok(Event::Push(Push {
        repository: payload.get("repository").maybe_text().map(str::to_owned).into_iter().collect(),
        target,
        after: if payload.get("deleted").is_true() { None } else { payload.get("after").sha()? },
        before,
        forced: payload.get("forced").is_true(),
        head: payload.get("message").maybe_text().map(|message| Head {
            message: message.to_owned(),
            author: payload.get("author").maybe_text().map(str::to_owned),
        }),
        paths,
    }))
}

/// An image in our own form.
pub(super) fn image(payload: &Field<'_>) -> Result<ImagePush, Rejection> {
    Ok(ImagePush {
        repository: payload.get("image").text()?.to_owned(),
        tag: payload.get("tag").maybe_text().map(str::to_owned),
        digest: payload.get("digest").maybe_text().map(str::to_owned),
    })
}
