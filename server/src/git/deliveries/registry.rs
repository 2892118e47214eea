//! Registries: Docker Hub, GHCR's package events, and the V2 notifications that `distribution`
//! and most others send; also our own `image` form.
//!
//! Few of them can sign. What counts, the first that is there decides: `X-Skep-Signature-256`,
//! GitHub's `X-Hub-Signature-256`, `Authorization: Bearer <secret>`, or the secret as the
//! password of HTTP basic authentication (any user).

use axum::http::HeaderMap;
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{Rejection, Secrets, field::Field, generic, header, signature};
use crate::domain::{
    clock::Time,
    push::{Event, ImagePush},
};

const GITHUB_SIGNATURE: &str = "x-hub-signature-256";

pub(super) fn verify(
    headers: &HeaderMap,
    body: &[u8],
    secrets: Secrets<'_>,
    now: Time,
) -> Result<(), Rejection> {
    if let Some(told) = header::first(headers, &[generic::SIGNATURE, GITHUB_SIGNATURE])? {
        return signature::check_hex(Some(told), "sha256=", body, secrets, now);
    }
    signature::refuse_sha1_alone(headers, GITHUB_SIGNATURE, "x-hub-signature")?;
    let told = header::one(headers, "authorization")?.ok_or_else(signature::missing)?;
    let (scheme, rest) = told.split_once(' ').ok_or_else(signature::invalid)?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return signature::check_token(rest, secrets, now);
    }
    if scheme.eq_ignore_ascii_case("basic") {
        let pair = STANDARD.decode(rest).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let pair = pair.ok_or_else(signature::invalid)?;
        let (_, password) = pair.split_once(':').ok_or_else(signature::invalid)?;
        return signature::check_token(password, secrets, now);
    }
    Err(signature::invalid())
}

/// GitHub's delivery id or our own; the others give none, but every notification of theirs
/// holds an id or a time, so the body's digest is one.
pub(super) fn delivery_id(headers: &HeaderMap, body: &[u8]) -> Result<String, Rejection> {
    let told = header::first(headers, &["x-github-delivery", "x-skep-delivery"])?;
    Ok(match told.filter(|id| (1..=128).contains(&id.len())) {
        Some(id) => id.to_owned(),
        None => signature::digest(body),
    })
}

pub(super) fn parse(event: &str, payload: Field<'_>) -> Result<Vec<Event>, Rejection> {
    match event {
        "ping" => return Ok(vec![Event::Ping]),
        "registry_package" | "package" => return Ok(vec![github_package(event, &payload)?]),
        _ => {}
    }
    if payload.get("events").exists() {
        return notifications(&payload);
    }
    if payload.get("push_data").exists() {
        return Ok(vec![docker_hub(&payload)?]);
    }
    generic::image(&payload).map(Event::Image).map(|event| vec![event])
}

fn docker_hub(payload: &Field<'_>) -> Result<Event, Rejection> {
    let tag = payload.get("push_data").get("tag").text()?;
    let repository = payload.get("repository").object()?.get("repo_name").text()?.to_owned();
    Ok(Event::Image(ImagePush { repository, tag: Some(tag.to_owned()), digest: None }))
}

fn github_package(event: &str, payload: &Field<'_>) -> Result<Event, Rejection> {
    if !matches!(payload.get("action").maybe_text(), Some("published" | "updated")) {
        return Ok(Event::Ignored("event"));
    }
    let package = payload.get(event).object()?;
    let version = package.get("package_version").object()?;
    let kind = package.get("package_type").maybe_text().or(package.get("ecosystem").maybe_text());
    if !kind.is_some_and(|kind| kind.eq_ignore_ascii_case("container") || kind.eq_ignore_ascii_case("docker"))
    {
        return Ok(Event::Ignored("event"));
    }
    let namespace = package.get("namespace").text()?.to_lowercase();
    let name = package.get("name").text()?;
    let tag = version.get("container_metadata").get("tag");
    let tagged = tag.get("name").maybe_text().filter(|name| !name.is_empty());
    let digest = tag.get("digest").maybe_text().or(version.get("version").maybe_text());
    Ok(Event::Image(ImagePush {
        repository: format!("ghcr.io/{namespace}/{name}"),
        tag: tagged.map(str::to_owned),
        digest: digest.filter(|digest| digest.starts_with("sha256:")).map(str::to_owned),
    }))
}

/// Of a V2 notification's events only pushes of manifests tell of an image; layers come too.
fn notifications(payload: &Field<'_>) -> Result<Vec<Event>, Rejection> {
    let mut events = Vec::new();
    for event in payload.get("events").list()? {
        let target = event.get("target");
        let media = target.get("mediaType").maybe_text().unwrap_or_default();
        let manifest = media.contains("manifest") || media.contains("image.index");
        if event.get("action").maybe_text() != Some("push") || !manifest {
            continue;
        }
        let path = target.get("repository").text()?;
        let host = event.get("request").get("host").maybe_text().filter(|host| !host.is_empty());
        events.push(Event::Image(ImagePush {
            repository: host.map_or_else(|| path.to_owned(), |host| format!("{host}/{path}")),
            tag: target.get("tag").maybe_text().filter(|tag| !tag.is_empty()).map(str::to_owned),
            digest: target.get("digest").maybe_text().map(str::to_owned),
        }));
    }
    Ok(events)
}
