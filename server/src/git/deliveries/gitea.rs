//! Gitea and Forgejo: a bare hexadecimal HMAC in `X-Forgejo-Signature` or `X-Gitea-Signature`.
//!
//! If both are there, Forgejo's decides (case 7). The deletion of a branch comes as an event of
//! its own, `delete`, with a short ref.

use axum::http::HeaderMap;

use super::{Rejection, Secrets, field::Field, github, header, push, signature};
use crate::domain::{
    clock::Time,
    push::{Event, Push, Target},
};

pub(super) fn verify(
    headers: &HeaderMap,
    body: &[u8],
    secrets: Secrets<'_>,
    now: Time,
) -> Result<(), Rejection> {
    let told = header::first(headers, &["x-forgejo-signature", "x-gitea-signature"])?;
    signature::check_hex(told, "", body, secrets, now)
}

pub(super) fn parse(event: &str, payload: Field<'_>) -> Result<Vec<Event>, Rejection> {
    Ok(vec![match event {
        "push" => pushed(&payload)?,
        "delete" => deleted(&payload)?,
        "pull_request" | "pull_request_sync" => github::pull_request(&payload),
        _ => Event::Ignored("event"),
    }])
}

const NAMES: [&str; 4] = ["full_name", "clone_url", "ssh_url", "html_url"];

fn pushed(payload: &Field<'_>) -> Result<Event, Rejection> {
    let repository = payload.get("repository").object()?;
    repository.get("full_name").text()?;
    let Some(target) = push::target(&payload.get("ref"))? else { return Ok(Event::Ignored("ref")) };
    let after = payload.get("after").sha()?;
    let before = payload.get("before").sha()?;
    let commits = payload.get("commits").list()?;
    let total = payload.get("total_commits").count();
    let complete = before.is_some() && total == u64::try_from(commits.len()).ok();
    let told = push::head(&payload.get("head_commit"));
    let found = || {
        let after = after.as_ref()?.as_str();
        push::head(commits.iter().find(|commit| commit.get("id").maybe_text() == Some(after))?)
    };
    Ok(Event::Push(Push {
        repository: push::names(&repository, &NAMES),
        target,
        head: told.or_else(found),
        after,
        before,
        forced: payload.get("forced").is_true(),
        paths: if complete { push::paths(&commits) } else { None },
    }))
}

fn deleted(payload: &Field<'_>) -> Result<Event, Rejection> {
    let repository = payload.get("repository").object()?;
    repository.get("full_name").text()?;
    let name = payload.get("ref");
    let name = name.ref_name(name.text()?)?;
    let target = match payload.get("ref_type").text()? {
        "tag" => Target::Tag(name),
        _ => Target::Branch(name),
    };
    Ok(Event::Push(Push {
        repository: push::names(&repository, &NAMES),
        target,
        after: None,
        before: None,
        forced: false,
        head: None,
        paths: None,
    }))
}
