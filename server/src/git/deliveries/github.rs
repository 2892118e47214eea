//! GitHub: `X-Hub-Signature-256`, `X-GitHub-Event`, JSON or a form with `payload=`.

use axum::http::HeaderMap;

use super::{Rejection, Secrets, field::Field, header, push, signature};
use crate::domain::{
    clock::Time,
    push::{Event, Push},
};

const SIGNATURE: &str = "x-hub-signature-256";

/// From this many commits on GitHub's list is cut.
const MAX_COMMITS: usize = 2048;

pub(super) fn verify(
    headers: &HeaderMap,
    body: &[u8],
    secrets: Secrets<'_>,
    now: Time,
) -> Result<(), Rejection> {
    signature::refuse_sha1_alone(headers, SIGNATURE, "x-hub-signature")?;
    signature::check_hex(header::one(headers, SIGNATURE)?, "sha256=", body, secrets, now)
}

pub(super) fn parse(event: &str, payload: Field<'_>) -> Result<Vec<Event>, Rejection> {
    Ok(vec![match event {
        "ping" => Event::Ping,
        "push" => pushed(&payload)?,
        "pull_request" => pull_request(&payload),
        _ => Event::Ignored("event"),
    }])
}

/// A push of a branch or tag; also Gitea's, which has the same shape but for `commits`.
fn pushed(payload: &Field<'_>) -> Result<Event, Rejection> {
    let repository = payload.get("repository").object()?;
    repository.get("full_name").text()?;
    let Some(target) = push::target(&payload.get("ref"))? else { return Ok(Event::Ignored("ref")) };
    let after = payload.get("after").sha()?;
    let before = payload.get("before");
    let before = if before.exists() { before.sha()? } else { None };
    let forced = payload.get("forced").is_true();
    let commits = payload.get("commits").list()?;
    // After a forced push the list lacks what the dropped commits had changed; the first push
    // of a branch is not told from where it grew.
    let complete = before.is_some() && !forced && commits.len() < MAX_COMMITS;
    Ok(Event::Push(Push {
        repository: push::names(&repository, &["full_name", "clone_url", "ssh_url", "html_url", "git_url"]),
        target,
        after: after.filter(|_| !payload.get("deleted").is_true()),
        before,
        forced,
        head: push::head(&payload.get("head_commit")),
        paths: if complete { push::paths(&commits) } else { None },
    }))
}

/// A pull request never deploys by itself; one from another repository would bring a stranger's
/// code, so its reason is named. Also Gitea's.
pub(super) fn pull_request(payload: &Field<'_>) -> Event {
    let name = |side: &str| {
        payload.get("pull_request").get(side).get("repo").get("full_name").maybe_text().map(str::to_owned)
    };
    match (name("head"), name("base")) {
        (Some(head), Some(base)) if head == base => Event::Ignored("event"),
        _ => Event::Ignored("needs_approval"),
    }
}
