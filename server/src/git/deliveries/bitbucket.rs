//! Bitbucket, Cloud and Data Center: `X-Hub-Signature: sha256=…` and `X-Event-Key`.
//!
//! The header names an algorithm; only ours counts (case 6). One delivery can tell of several
//! branches, and never of paths.

use axum::http::HeaderMap;

use super::{Rejection, Secrets, field::Field, header, push, signature};
use crate::domain::{
    clock::Time,
    push::{Event, Head, Push, Target},
};

pub(super) fn verify(
    headers: &HeaderMap,
    body: &[u8],
    secrets: Secrets<'_>,
    now: Time,
) -> Result<(), Rejection> {
    let told = header::one(headers, "x-hub-signature")?;
    if told.is_some_and(|told| told.starts_with("sha1=") || told.starts_with("md5=")) {
        let message = "the delivery must be signed with SHA-256: `X-Hub-Signature: sha256=…`";
        return Err(Rejection::new(401, "sha256_required", message));
    }
    signature::check_hex(told, "sha256=", body, secrets, now)
}

pub(super) fn parse(event: &str, payload: Field<'_>) -> Result<Vec<Event>, Rejection> {
    match event {
        "diagnostics:ping" => Ok(vec![Event::Ping]),
        "repo:push" => cloud(&payload),
        "repo:refs_changed" => data_center(&payload),
        _ if event.starts_with("pullrequest:") => Ok(vec![pull_request(&payload)]),
        _ => Ok(vec![Event::Ignored("event")]),
    }
}

fn cloud(payload: &Field<'_>) -> Result<Vec<Event>, Rejection> {
    let repository = payload.get("repository").object()?;
    let mut names = vec![repository.get("full_name").text()?.to_owned()];
    names.extend(repository.get("links").get("html").get("href").maybe_text().map(str::to_owned));
    payload.get("push").get("changes").list()?.iter().map(|change| cloud_change(change, &names)).collect()
}

fn cloud_change(change: &Field<'_>, names: &[String]) -> Result<Event, Rejection> {
    let (new, old) = (change.get("new"), change.get("old"));
    let moved = if new.exists() { &new } else { &old };
    let name = moved.get("name");
    let name = name.ref_name(name.text()?)?;
    let target = match moved.get("type").text()? {
        "branch" | "named_branch" => Target::Branch(name),
        "tag" | "annotated_tag" => Target::Tag(name),
        _ => return Ok(Event::Ignored("ref")),
    };
    let commit = new.get("target");
    Ok(Event::Push(Push {
        repository: names.to_vec(),
        target,
        after: if new.exists() { commit.get("hash").sha()? } else { None },
        before: if old.exists() { old.get("target").get("hash").sha()? } else { None },
        forced: change.get("forced").is_true(),
        head: commit
            .get("message")
            .maybe_text()
            .map(|message| Head { message: message.to_owned(), author: author(&commit.get("author")) }),
        paths: None,
    }))
}

/// The display name, or what stands before the address in `Name <mail>`.
fn author(author: &Field<'_>) -> Option<String> {
    let shown = author.get("user").get("display_name").maybe_text();
    let raw = || author.get("raw").maybe_text()?.split('<').next();
    shown.or_else(raw).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
}

fn data_center(payload: &Field<'_>) -> Result<Vec<Event>, Rejection> {
    let repository = payload.get("repository").object()?;
    let slug = repository.get("slug").text()?;
    let key = repository.get("project").get("key").text()?;
    // Cloned as `/scm/key/slug.git` by https and `/key/slug.git` by ssh.
    let mut names = vec![format!("{key}/{slug}"), format!("scm/{key}/{slug}")];
    let links = repository.get("links").get("clone").list().unwrap_or_default();
    names.extend(links.iter().filter_map(|link| link.get("href").maybe_text().map(str::to_owned)));
    let changes = payload.get("changes").list()?;
    let mut events = Vec::new();
    for change in &changes {
        let Some(target) = push::target(&change.get("ref").get("id"))? else {
            events.push(Event::Ignored("ref"));
            continue;
        };
        events.push(Event::Push(Push {
            repository: names.clone(),
            target,
            after: change.get("toHash").sha()?,
            before: change.get("fromHash").sha()?,
            forced: false,
            head: None,
            paths: None,
        }));
    }
    Ok(events)
}

fn pull_request(payload: &Field<'_>) -> Event {
    let name =
        |side: &str| payload.get("pullrequest").get(side).get("repository").get("full_name").maybe_text();
    match (name("source"), name("destination")) {
        (Some(source), Some(destination)) if source == destination => Event::Ignored("event"),
        _ => Event::Ignored("needs_approval"),
    }
}
